import Daemon
import Testing

@Suite("Admission")
struct AdmissionTests {
    private func refusal(_ admission: Admission, tokens: Int) throws -> DaemonError {
        try #require(throws: DaemonError.self) {
            let permit = try admission.admit(tokens: tokens)
            permit.end()
        }
    }

    private struct Trouble: Error {}

    private func fails(_ admission: Admission) throws {
        let permit = try admission.admit(tokens: 5)
        guard admission.load.requests == 0 else { throw Trouble() }
        permit.end()
    }

    @Test("Requests are bounded by their number")
    func boundsRequests() throws {
        let admission = Admission(.init(requests: 2, tokens: 1000))
        let first = try admission.admit(tokens: 1)
        let second = try admission.admit(tokens: 1)
        let error = try refusal(admission, tokens: 1)
        #expect(error.code == .queueFull)
        #expect(error.subject == "requests admitted at once")
        #expect(error.expected == "at most 2")
        #expect(error.found == "2 and 1 more")
        #expect(error.retryAfterSeconds == 1)
        #expect(admission.load == (2, 2), "a refusal takes no place")
        first.end()
        let third = try admission.admit(tokens: 1)
        #expect(admission.load == (2, 2))
        second.end()
        third.end()
        #expect(admission.load == (0, 0))
    }

    @Test("Requests are bounded by their tokens; one that can never fit is told so")
    func boundsTokens() throws {
        let admission = Admission(.init(requests: 10, tokens: 100))
        let small = try admission.admit(tokens: 60)
        let error = try refusal(admission, tokens: 41)
        #expect(error.code == .queueFull)
        #expect(error.subject == "tokens admitted at once")
        #expect(error.found == "60 and 41 more")
        let rest = try admission.admit(tokens: 40)
        #expect(admission.load == (2, 100))
        small.end()
        rest.end()
        let never = try refusal(admission, tokens: 101)
        #expect(never.code == .tooLarge)
        #expect(never.found == "101")
        #expect(never.retryAfterSeconds == nil)
        let whole = try admission.admit(tokens: 100)
        whole.end()
        #expect(admission.load == (0, 0))
    }

    @Test("A permit takes more tokens when they are known, within the bounds, and gives all back")
    func addsTokens() throws {
        let admission = Admission(.init(requests: 2, tokens: 100))
        var first = try admission.admit(tokens: 0)
        let second = try admission.admit(tokens: 50)
        try first.add(tokens: 30)
        #expect(admission.load == (2, 80))
        let full = #expect(throws: DaemonError.self) { try first.add(tokens: 21) }
        #expect(full?.code == .queueFull)
        #expect(admission.load == (2, 80), "a refusal takes nothing")
        second.end()
        let never = #expect(throws: DaemonError.self) { try first.add(tokens: 101) }
        #expect(never?.code == .tooLarge)
        first.end()
        #expect(admission.load == (0, 0))
    }

    @Test("A place comes back at the end of its scope, also when an error leaves it")
    func givesBack() throws {
        let admission = Admission(.init(requests: 1, tokens: 100))
        for _ in 0..<3 { #expect(throws: Trouble.self) { try fails(admission) } }
        #expect(admission.load == (0, 0))
        do {
            let permit = try admission.admit(tokens: 7)
            #expect(admission.load == (1, 7))
            _ = consume permit
        }
        #expect(admission.load == (0, 0))
    }

    @Test("A place comes back when the task that held it is cancelled")
    func givesBackAfterCancellation() async throws {
        let admission = Admission(.init(requests: 1, tokens: 100))
        let task = Task {
            let permit = try admission.admit(tokens: 7)
            try await Task.sleep(for: .seconds(60))
            permit.end()
        }
        while admission.load.requests == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(admission.load == (0, 0))
    }

    @Test("A draining daemon refuses with that reason and keeps what it has, until it ends")
    func drains() throws {
        let admission = Admission(.init(requests: 2, tokens: 100))
        let permit = try admission.admit(tokens: 1)
        admission.setDraining(true)
        let error = try refusal(admission, tokens: 1)
        #expect(error.code == .draining)
        #expect(error.retryAfterSeconds == nil)
        #expect(admission.load.requests == 1)
        permit.end()
        admission.setDraining(false)
        let again = try admission.admit(tokens: 1)
        again.end()
    }

    @Test("New bounds hold for the next request; what is admitted stays")
    func changesLimits() throws {
        let admission = Admission(.init(requests: 3, tokens: 100))
        let first = try admission.admit(tokens: 10)
        let second = try admission.admit(tokens: 10)
        admission.setLimits(.init(requests: 1, tokens: 100))
        #expect(admission.load == (2, 20))
        #expect(try refusal(admission, tokens: 1).expected == "at most 1")
        first.end()
        #expect(try refusal(admission, tokens: 1).expected == "at most 1")
        admission.setLimits(.init(requests: 2, tokens: 20))
        let third = try admission.admit(tokens: 10)
        second.end()
        third.end()
        #expect(admission.load == (0, 0))
    }

    @Test("Many tasks never pass the bound and leave nothing behind")
    func holdsUnderLoad() async {
        let admission = Admission(.init(requests: 3, tokens: 30))
        let most = await withTaskGroup(of: Int.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    var most = 0
                    for _ in 0..<2000 {
                        // A refusal is what the bound is for.
                        guard let permit = try? admission.admit(tokens: 10) else { continue }
                        most = max(most, admission.load.requests)
                        permit.end()
                    }
                    return most
                }
            }
            return await tasks.reduce(0, max)
        }
        #expect((1...3).contains(most))
        #expect(admission.load == (0, 0))
    }
}
