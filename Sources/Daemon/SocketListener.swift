import Foundation
import GRPCNIOTransportCore
import NIOCore
import NIOPosix

/// Listens on a Unix socket of our own or on one that systemd passed.
///
/// The transport's own way would make the file with the umask's mode and replace whatever stands at
/// the path; the path is locked by the caller instead (see `SocketLock`).
struct SocketListener: HTTP2ServerTransport.ListenerFactory {
    enum Origin: Sendable {
        case own(Configuration.Socket)
        case inherited(Int32)
    }

    let origin: Origin
    let eventLoopGroup: any EventLoopGroup

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<
        HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never
    > {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
        switch origin {
        case .inherited(let descriptor):
            return try await bootstrap.bind(NIOBSDSocket.Handle(descriptor)) {
                connectionConfigurator.configure(channel: $0, tls: .none)
            }
        case .own(let socket):
            // Nobody may connect before the mode and the group are right.
            let mask = umask(0o777)
            defer { umask(mask) }
            let channel = try await bootstrap.bind(
                unixDomainSocketPath: socket.path,
                cleanupExistingSocketFile: true
            ) {
                connectionConfigurator.configure(channel: $0, tls: .none)
            }
            try setAttributes(of: socket)
            return channel
        }
    }

    private func setAttributes(of socket: Configuration.Socket) throws {
        if let group = socket.group {
            try FileManager.default.setAttributes(
                [.groupOwnerAccountName: group],
                ofItemAtPath: socket.path
            )
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: NSNumber(value: socket.mode)],
            ofItemAtPath: socket.path
        )
    }
}
