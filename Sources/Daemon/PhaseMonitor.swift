import Synchronization

/// Where the daemon stands in its life, and who wants to hear of changes.
package final class PhaseMonitor: Sendable {
    /// The phases in their order.
    package enum Phase: String, Hashable, Sendable {
        case loading, serving, draining, stopped
    }

    private struct State {
        var phase = Phase.loading
        var hasDeployment = false
        var listeners: [Int: AsyncStream<Bool>.Continuation] = [:]
        var nextListener = 0

        var isServing: Bool { phase == .serving && hasDeployment }
    }

    private let state = Mutex(State())

    /// Starts in phase `loading`, without a deployment.
    package init() {}

    /// The phase now.
    package var phase: Phase { state.withLock { $0.phase } }

    /// Whether scoring calls can succeed.
    package var isServing: Bool { state.withLock { $0.isServing } }

    /// Moves on; a stopped daemon stays stopped.
    package func enter(_ phase: Phase) {
        change { $0.phase = $0.phase == .stopped ? .stopped : phase }
    }

    /// Takes note that a model is, or is not, there to serve.
    package func setHasDeployment(_ hasDeployment: Bool) {
        change { $0.hasDeployment = hasDeployment }
    }

    /// `isServing` now and whenever it changes.
    package func changes() -> AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Bool.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            continuation.yield(state.isServing)
            return state.nextListener
        }
        continuation.onTermination = { [self] _ in
            state.withLock { _ = $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            let before = state.isServing
            body(&state)
            guard state.isServing != before else { return }
            for listener in state.listeners.values { listener.yield(state.isServing) }
        }
    }
}
