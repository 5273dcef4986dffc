import Foundation
import GRPCCore
import Wire

/// One socket of a daemon, and calls over it whose errors say what an operator can do.
struct DaemonConnection: Sendable {
    let socket: String

    /// Connects, runs `body`, and closes the connection.
    ///
    /// - Throws: `unreachable` or `permission` if there is no talking to a daemon, and what the
    ///   calls in `body` failed with.
    func call<Result: Sendable>(
        _ body: @Sendable @escaping (DaemonClient) async throws -> Result
    ) async throws(CommandError) -> Result {
        try checkSocket()
        do {
            return try await DaemonClient.connect(to: socket, body)
        } catch {
            throw commandError(error)
        }
    }

    /// Whatever a call failed with, for an operator.
    func commandError(_ error: any Error) -> CommandError {
        switch error {
        case let error as CommandError: error
        case let error as WireError: CommandError(error, socket: socket)
        case let error as RPCError: CommandError(WireError(error), socket: socket)
        default:
            CommandError(
                .failed,
                subject: "the call to grmd at \(socket)",
                expected: "an answer",
                found: "\(error)"
            )
        }
    }

    /// Finds what would only be "unavailable" once gRPC has tried.
    private func checkSocket() throws(CommandError) {
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: socket)
        } catch CocoaError.fileReadNoPermission {
            throw refused()
        } catch {
            throw .unreachable(socket, found: "no such file")
        }
        guard attributes[.type] as? FileAttributeType == .typeSocket else {
            throw .unreachable(socket, found: "a file that is not a socket")
        }
        guard FileManager.default.isWritableFile(atPath: socket) else { throw refused() }
    }

    private func refused() -> CommandError {
        CommandError(
            .permission,
            subject: socket,
            expected: "a socket that user \(getuid()) may use",
            found: "no permission",
            advice: "join the group grmd to score; be root or grmd to rule"
        )
    }
}
