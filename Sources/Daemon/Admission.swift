import Synchronization

/// Decides which requests may come in: bounded by their number and by the tokens they can come to.
package final class Admission: Sendable {
    /// What is admitted at once, at most.
    package struct Limits: Hashable, Sendable {
        package var requests: Int
        package var tokens: Int

        package init(requests: Int, tokens: Int) {
            self.requests = requests
            self.tokens = tokens
        }
    }

    private struct State {
        var limits: Limits
        var requests = 0
        var tokens = 0
        var isDraining = false

        func refusal(of newTokens: Int) -> DaemonError? {
            if isDraining {
                return DaemonError(
                    .draining,
                    subject: "daemon",
                    expected: "a daemon that takes requests",
                    found: "one that is stopping",
                    advice: "call again when it is back"
                )
            }
            if requests >= limits.requests {
                return full("requests admitted at once", limits.requests, requests, 1)
            }
            return tokenRefusal(of: newTokens)
        }

        func tokenRefusal(of newTokens: Int) -> DaemonError? {
            guard newTokens <= limits.tokens else {
                return DaemonError(
                    .tooLarge,
                    subject: "tokens of the request",
                    expected: "at most \(limits.tokens), prompts and judgments together",
                    found: "\(newTokens)",
                    advice: "ask for fewer judgments or raise limits.tokens"
                )
            }
            guard tokens + newTokens <= limits.tokens else {
                return full("tokens admitted at once", limits.tokens, tokens, newTokens)
            }
            return nil
        }

        private func full(_ subject: String, _ limit: Int, _ now: Int, _ more: Int) -> DaemonError {
            DaemonError(
                .queueFull,
                subject: subject,
                expected: "at most \(limit)",
                found: "\(now) and \(more) more",
                advice: "call again later or raise the limit",
                retryAfterSeconds: 1
            )
        }
    }

    private let state: Mutex<State>

    package init(_ limits: Limits) {
        state = Mutex(State(limits: limits))
    }

    /// Takes a place for a request.
    ///
    /// - Parameter tokens: Prompt tokens of all orders and the budget of all judgments.
    /// - Returns: The place; it is given back when the value ends.
    /// - Throws: `draining`, or `queueFull` at once: nothing waits outside the bounds.
    package func admit(tokens: Int) throws(DaemonError) -> Permit {
        let refusal = state.withLock { state in
            let refusal = state.refusal(of: tokens)
            if refusal == nil {
                state.requests += 1
                state.tokens += tokens
            }
            return refusal
        }
        if let refusal { throw refusal }
        return Permit(admission: self, tokens: tokens)
    }

    /// Refuses everything from now on, or admits again.
    package func setDraining(_ isDraining: Bool) {
        state.withLock { $0.isDraining = isDraining }
    }

    /// Brings new bounds into force; what is admitted stays.
    package func setLimits(_ limits: Limits) {
        state.withLock { $0.limits = limits }
    }

    /// What is admitted now.
    package var load: (requests: Int, tokens: Int) {
        state.withLock { ($0.requests, $0.tokens) }
    }

    fileprivate func add(tokens newTokens: Int) throws(DaemonError) {
        let refusal = state.withLock { state in
            let refusal = state.tokenRefusal(of: newTokens)
            if refusal == nil { state.tokens += newTokens }
            return refusal
        }
        if let refusal { throw refusal }
    }

    fileprivate func release(tokens: Int) {
        state.withLock {
            $0.requests -= 1
            $0.tokens -= tokens
        }
    }
}

/// A place among the admitted requests, given back when the value ends.
package struct Permit: ~Copyable {
    private let admission: Admission
    private var tokens: Int

    fileprivate init(admission: Admission, tokens: Int) {
        self.admission = admission
        self.tokens = tokens
    }

    /// Takes room for more tokens, once they are known.
    ///
    /// - Throws: `queueFull` if there is no room now, `tooLarge` if there can never be.
    package mutating func add(tokens newTokens: Int) throws(DaemonError) {
        try admission.add(tokens: newTokens)
        tokens += newTokens
    }

    deinit { admission.release(tokens: tokens) }

    /// Gives the place back; without this call it is given back at the end of the scope.
    package consuming func end() {}
}
