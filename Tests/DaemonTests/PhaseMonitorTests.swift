import Daemon
import Testing

@Suite("Phases")
struct PhaseMonitorTests {
    @Test("Scoring can succeed while serving with a deployment, and only then")
    func tellsWhetherItServes() {
        let monitor = PhaseMonitor()
        #expect(monitor.phase == .loading)
        #expect(!monitor.isServing)
        monitor.setHasDeployment(true)
        #expect(!monitor.isServing)
        monitor.enter(.serving)
        #expect(monitor.isServing)
        monitor.setHasDeployment(false)
        #expect(!monitor.isServing)
        monitor.setHasDeployment(true)
        monitor.enter(.draining)
        #expect(!monitor.isServing)
    }

    @Test("A stopped daemon stays stopped")
    func staysStopped() {
        let monitor = PhaseMonitor()
        monitor.setHasDeployment(true)
        monitor.enter(.stopped)
        monitor.enter(.serving)
        #expect(monitor.phase == .stopped)
        #expect(!monitor.isServing)
    }

    @Test("A listener hears how it stands, then each change, and no more than the changes")
    func tellsListeners() async {
        let monitor = PhaseMonitor()
        var changes = monitor.changes().makeAsyncIterator()
        #expect(await changes.next() == false)
        monitor.enter(.serving)
        monitor.setHasDeployment(true)
        #expect(await changes.next() == true)
        monitor.setHasDeployment(true)
        monitor.enter(.draining)
        #expect(await changes.next() == false)
        var late = monitor.changes().makeAsyncIterator()
        #expect(await late.next() == false)
    }

    @Test("A listener that sleeps finds the newest state, and every listener is told")
    func keepsTheNewest() async {
        let monitor = PhaseMonitor()
        monitor.setHasDeployment(true)
        var streams = (0..<3).map { _ in monitor.changes().makeAsyncIterator() }
        for phase in [PhaseMonitor.Phase.serving, .draining, .serving] { monitor.enter(phase) }
        for index in streams.indices { #expect(await streams[index].next() == true) }
    }

    @Test("A listener whose task is cancelled stops listening")
    func endsWithTheTask() async {
        let monitor = PhaseMonitor()
        let task = Task {
            var count = 0
            for await _ in monitor.changes() { count += 1 }
            return count
        }
        task.cancel()
        #expect(await task.value <= 1)
        monitor.setHasDeployment(true)
        monitor.enter(.serving)
        #expect(monitor.isServing)
    }
}
