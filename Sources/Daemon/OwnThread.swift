import Foundation

/// Runs work that reads whole files on a thread of its own: the cooperative pool has as many threads
/// as the machine has cores, and calls must go on meanwhile.
func onOwnThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}
