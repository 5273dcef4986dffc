package import GRPCCore
import Inference

/// When a call's client stops waiting, as the request's "grpc-timeout" says.
package struct CallDeadline: Sendable {
    /// Nil for a call without one.
    package let instant: ContinuousClock.Instant?
    /// gRPC's clock starts with the headers, this one after the message: a call that ends this
    /// close to its deadline was ended by it.
    private let tolerance: Duration

    /// Reads the deadline; a call without one has all the time it wants.
    package init(_ metadata: Metadata) {
        let text = metadata[stringValues: "grpc-timeout"].first { _ in true }
        let timeout = text.flatMap(Self.timeout)
        instant = timeout.map { ContinuousClock.now + $0 }
        tolerance = timeout.map { max(.milliseconds(50), $0 / 10) } ?? .zero
    }

    /// Whether the client has stopped waiting.
    package var hasPassed: Bool { instant.map { $0 - tolerance <= .now } ?? false }

    /// At most eight digits and a unit.
    ///
    /// Source: gRPC over HTTP/2, "Timeout".
    static func timeout(_ text: String) -> Duration? {
        let digits = text.utf8.dropLast()
        guard let unit = text.last, (1...8).contains(digits.count),
            digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let value = Int64(text.dropLast())
        else { return nil }
        return switch unit {
        case "H": .seconds(value * 3600)
        case "M": .seconds(value * 60)
        case "S": .seconds(value)
        case "m": .milliseconds(value)
        case "u": .microseconds(value)
        case "n": .nanoseconds(value)
        default: nil
        }
    }
}

/// Runs the body of a call so that the client's cancellation, and the deadline's, cancels its task:
/// gRPC tells of both by a handle and leaves the task alone.
///
/// - Throws: what the body throws; after a cancellation `DaemonError.deadline` or `.cancelled`.
func withCallCancellation<Result: Sendable>(
    deadline: CallDeadline,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let task = Task { try await body() }
    do {
        return try await withRPCCancellationHandler {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } onCancelRPC: {
            task.cancel()
        }
    } catch {
        // A daemon that stops ends its requests first and cancels the calls after that.
        let isStopped = (error as? InferenceError)?.code == .stopped
        guard task.isCancelled, !isStopped else { throw error }
        throw deadline.hasPassed
            ? DaemonError.deadlinePassed
            : DaemonError(
                .cancelled,
                subject: "call",
                expected: "a caller that waits",
                found: "a cancelled call",
                advice: ""
            )
    }
}
