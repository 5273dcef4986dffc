import Daemon
import GRPCCore
import GRPCInProcessTransport
import SwiftProtobuf
import Testing
import Wire

/// Clients of a daemon's services, without a socket between.
struct InProcessDaemon: Sendable {
    let scoring: Grm_V1_Scoring.Client<InProcessTransport.Client>
    let admin: Grm_V1_Admin.Client<InProcessTransport.Client>
    let health: Grpc_Health_V1_Health.Client<InProcessTransport.Client>

    /// Serves while `body` runs.
    static func serve<Result: Sendable>(
        _ daemon: DaemonState,
        _ body: (InProcessDaemon) async throws -> Result
    ) async throws -> Result {
        let transport = InProcessTransport()
        let services: [any RegistrableRPCService] = [
            ScoringService(daemon), AdminService(daemon),
            HealthService(daemon.phase, services: ["grm.v1.Scoring"]),
        ]
        return try await withGRPCServer(transport: transport.server, services: services) { _ in
            try await withGRPCClient(transport: transport.client) { client in
                try await body(
                    InProcessDaemon(
                        scoring: .init(wrapping: client),
                        admin: .init(wrapping: client),
                        health: .init(wrapping: client)
                    )
                )
            }
        }
    }

    /// The refusal that a call ends with.
    func refusal(
        location: SourceLocation = #_sourceLocation,
        _ call: (InProcessDaemon) async throws -> Void
    ) async throws -> (status: RPCError.Code, detail: Grm_V1_ErrorDetail) {
        let thrown = await #expect(throws: RPCError.self, sourceLocation: location) {
            try await call(self)
        }
        let error = WireError(try #require(thrown, sourceLocation: location))
        let detail = try #require(error.detail, "\(error)", sourceLocation: location)
        #expect(!detail.subject.isEmpty, sourceLocation: location)
        #expect(!detail.expected.isEmpty && !detail.found.isEmpty, sourceLocation: location)
        return (error.status, detail)
    }

    func isHealthy() async throws -> Bool {
        try await health.check(.with { $0.service = "grm.v1.Scoring" }).status == .serving
    }
}

extension Grm_V1_ScoreRequest {
    /// A short request on two responses.
    static var tiny: Self {
        .with {
            $0.conversation = [
                .with {
                    $0.role = .user
                    $0.content = "What is the capital of France?"
                }
            ]
            $0.responses = ["Paris.", "Lyon, I think."].map { text in .with { $0.content = text } }
            $0.kMax = 4
            $0.seed = 7
            $0.temperature = 1
            $0.maxJudgmentTokens = 24
        }
    }

    /// A request that takes seconds.
    static var long: Self {
        var request = tiny
        request.kMax = 64
        request.maxJudgmentTokens = 1500
        return request
    }
}
