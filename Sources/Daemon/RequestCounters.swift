import Synchronization

/// Counts of what became of requests and judgments since the daemon's start.
package final class RequestCounters: Sendable {
    /// The counts at one moment.
    package struct Counts: Hashable, Sendable {
        package var requests = 0
        package var ok = 0
        package var refused = 0
        package var failed = 0
        package var cancelled = 0
        package var deadline = 0
        package var judgmentsScored = 0
        package var judgmentsUnparsable = 0
        package var judgmentsTruncated = 0
        package var promptTokens = 0
        package var swaps = 0
    }

    private let counts = Mutex(Counts())

    /// All counts are 0.
    package init() {}

    /// The counts at this moment.
    package var now: Counts { counts.withLock { $0 } }

    /// Changes the counts.
    package func update(_ body: (inout Counts) -> Void) { counts.withLock { body(&$0) } }
}
