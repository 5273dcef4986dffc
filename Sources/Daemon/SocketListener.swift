import Foundation
import GRPCNIOTransportCore
import NIOCore
import NIOPosix
import Synchronization

/// Listens on a Unix socket of our own or on one that systemd passed.
///
/// The transport's own way would make the file with the umask's mode and replace whatever stands at
/// the path; the path is locked by the caller instead (see `SocketLock`), and the process's umask
/// lets nobody in before mode and group are set.
struct SocketListener: HTTP2ServerTransport.ListenerFactory {
    enum Origin: Sendable {
        case own(Configuration.Socket)
        case inherited(Int32)
    }

    private typealias Connection = HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel

    let origin: Origin
    let eventLoopGroup: any EventLoopGroup
    let connections: ConnectionLimit

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<
        HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never
    > {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
        let accept: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            guard connections.take() else {
                // Fails the accept and says so to the client by closing; the listener goes on.
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
            }
            channel.closeFuture.whenComplete { _ in connections.giveBack() }
            return connectionConfigurator.configure(channel: channel, tls: .none)
        }
        switch origin {
        case .inherited(let descriptor):
            return try await bootstrap.bind(
                NIOBSDSocket.Handle(descriptor),
                childChannelInitializer: accept
            )
        case .own(let socket):
            let listener = try await bootstrap.bind(
                unixDomainSocketPath: socket.path,
                cleanupExistingSocketFile: true,
                childChannelInitializer: accept
            )
            do {
                try setAttributes(of: socket)
            } catch {
                // A channel that is dropped open traps.
                try await listener.executeThenClose { _ in }
                throw error
            }
            return listener
        }
    }

    private func setAttributes(of socket: Configuration.Socket) throws {
        do {
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
        } catch {
            throw DaemonError(
                .permission,
                subject: socket.path,
                expected: "a socket of group \(socket.group ?? "of the process"), mode "
                    + String(socket.mode, radix: 8),
                found: error.localizedDescription,
                advice: "name a group that exists and that user \(getuid()) is in"
            )
        }
    }
}

/// How many connections may be open at once, over all sockets of the daemon.
final class ConnectionLimit: Sendable {
    private let most: Int
    private let count = Mutex(0)

    init(_ most: Int) {
        self.most = most
    }

    /// Whether there was room for one more.
    func take() -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    func giveBack() { count.withLock { $0 -= 1 } }
}
