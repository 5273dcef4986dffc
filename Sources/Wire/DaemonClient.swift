package import GRPCCore
package import GRPCNIOTransportCore
import NIOCore
import NIOPosix

/// A connection to a running grmd over one of its sockets.
///
/// The transport wraps a connected socket: grmd is local, so there is nothing to resolve, to balance
/// or to encrypt, and the TLS stack of gRPC's own connector is not built at all.
package struct DaemonClient: Sendable {
    package let scoring: Grm_V1_Scoring.Client<HTTP2ClientTransport.WrappedChannel>
    package let admin: Grm_V1_Admin.Client<HTTP2ClientTransport.WrappedChannel>
    package let health: Grpc_Health_V1_Health.Client<HTTP2ClientTransport.WrappedChannel>

    /// Connects, lends the connection to `body`, and closes it.
    ///
    /// - Parameters:
    ///   - path: The socket's file.
    ///   - body: What to do with the connection.
    /// - Returns: What `body` returns.
    /// - Throws: `WireError` for a failed connection or call, and what `body` throws.
    package static func connect<Result: Sendable>(
        to path: String,
        _ body: @Sendable @escaping (DaemonClient) async throws -> Result
    ) async throws -> Result {
        do {
            return try await withGRPCClient(transport: transport(to: path)) { client in
                try await body(
                    DaemonClient(
                        scoring: .init(wrapping: client),
                        admin: .init(wrapping: client),
                        health: .init(wrapping: client)
                    )
                )
            }
        } catch let error as RPCError {
            throw WireError(error)
        }
    }

    private static func transport(
        to path: String
    ) async throws -> HTTP2ClientTransport.WrappedChannel {
        var config = HTTP2ClientTransport.WrappedChannel.Config.defaults
        config.http2.targetWindowSize = 1 << 20
        do {
            return try await .wrapping(config: config) { configure in
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(unixDomainSocketPath: path) { channel in configure(channel) }
            }
        } catch {
            throw RPCError(
                code: .unavailable,
                message: "no connection to \(path): \(error)",
                cause: error
            )
        }
    }

    /// Options of a call that gives up after a while instead of waiting for a daemon to appear.
    package static func options(timeout: Duration?) -> CallOptions {
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = timeout
        options.maxResponseMessageBytes = 64 << 20
        return options
    }
}
