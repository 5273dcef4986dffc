package import GRPCCore
import SwiftProtobuf
package import Wire

/// The standard health calls: SERVING while scoring calls can succeed.
package struct HealthService: Grpc_Health_V1_Health.ServiceProtocol {
    private let phase: PhaseMonitor
    /// The services that the socket offers; "" stands for the daemon as a whole.
    private let services: Set<String>

    package init(_ phase: PhaseMonitor, services: Set<String>) {
        self.phase = phase
        self.services = services.union([""])
    }

    /// Whether scoring calls can succeed now.
    package func check(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        let service = request.message.service
        guard services.contains(service) else {
            throw RPCError(code: .notFound, message: "service \(service): not served here")
        }
        return ServerResponse(message: Self.answer(phase.isServing))
    }

    /// The same, now and at every change.
    package func watch(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>,
        context: ServerContext
    ) async throws -> StreamingServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        let isKnown = services.contains(request.message.service)
        return StreamingServerResponse { writer in
            guard isKnown else {
                try await writer.write(.with { $0.status = .serviceUnknown })
                return [:]
            }
            // Ends with the call: the stream alone would wait for ever for a client that is gone.
            let changes = phase.changes()
            let task = Task {
                for await isServing in changes { try await writer.write(Self.answer(isServing)) }
            }
            try await withRPCCancellationHandler {
                try await task.value
            } onCancelRPC: {
                task.cancel()
            }
            return [:]
        }
    }

    private static func answer(_ isServing: Bool) -> Grpc_Health_V1_HealthCheckResponse {
        .with { $0.status = isServing ? .serving : .notServing }
    }
}
