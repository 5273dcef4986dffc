package import GRPCCore
package import GRPCNIOTransportHTTP2Posix

/// A connection to a running grmd over one of its sockets.
package struct DaemonClient: Sendable {
    package let scoring: Grm_V1_Scoring.Client<HTTP2ClientTransport.Posix>
    package let admin: Grm_V1_Admin.Client<HTTP2ClientTransport.Posix>
    package let health: Grpc_Health_V1_Health.Client<HTTP2ClientTransport.Posix>

    /// Connects, lends the connection to `body`, and closes it.
    ///
    /// - Parameters:
    ///   - path: The socket's file. A socket that nobody listens on fails at the first call.
    ///   - body: What to do with the connection.
    /// - Returns: What `body` returns.
    /// - Throws: `WireError` for a failed call, and what `body` throws.
    package static func connect<Result: Sendable>(
        to path: String,
        _ body: @Sendable @escaping (DaemonClient) async throws -> Result
    ) async throws -> Result {
        var transport = HTTP2ClientTransport.Posix.Config.defaults
        transport.http2.targetWindowSize = 1 << 20
        let channel = try HTTP2ClientTransport.Posix(
            target: .unixDomainSocket(path: path),
            transportSecurity: .plaintext,
            config: transport
        )
        do {
            return try await withGRPCClient(transport: channel) { client in
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

    /// Options of a call that gives up after a while instead of waiting for a daemon to appear.
    package static func options(timeout: Duration?) -> CallOptions {
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = timeout
        options.maxResponseMessageBytes = 64 << 20
        return options
    }
}
