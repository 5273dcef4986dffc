import Daemon
import GRPCCore
import Inference
import Scoring
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("Errors as gRPC statuses")
struct StatusMappingTests {
    /// Checks the status and the detail as a client reads them.
    private func check(
        _ error: any Error,
        _ status: RPCError.Code,
        _ code: Grm_V1_ErrorCode,
        location: SourceLocation = #_sourceLocation
    ) throws -> Grm_V1_ErrorDetail {
        let answer = StatusMapping.answer(to: error)
        #expect(answer.code == status, "\(error)", sourceLocation: location)
        let detail = try #require(WireError(answer).detail, sourceLocation: location)
        #expect(detail.code == code, "\(error)", sourceLocation: location)
        let texts = [detail.subject, detail.expected, detail.found]
        #expect(texts == ["thing", "this", "that"], sourceLocation: location)
        #expect(answer.message.hasPrefix("thing: expected this, found that"))
        return detail
    }

    private static let scoring: [(ScoringError.Code, RPCError.Code, Grm_V1_ErrorCode)] = [
        (.conversationEmpty, .invalidArgument, .conversationEmpty),
        (.responseCount, .invalidArgument, .responseCount),
        (.textTooLong, .invalidArgument, .textTooLong),
        (.sampleCount, .invalidArgument, .sampleCount),
        (.temperature, .invalidArgument, .temperature), (.topP, .invalidArgument, .topP),
        (.role, .invalidArgument, .role), (.principles, .invalidArgument, .principles),
        (.mode, .invalidArgument, .mode), (.notSupported, .unimplemented, .notSupported),
        (.tokenBudget, .invalidArgument, .tokenBudget),
        (.contextOverflow, .invalidArgument, .contextOverflow),
        (.versionMismatch, .failedPrecondition, .versionMismatch),
        (.badLogits, .internalError, .badLogits), (.noJudgment, .dataLoss, .noJudgment),
        (.versionUnusable, .failedPrecondition, .versionUnusable),
        (.stopping, .invalidArgument, .stoppingRule),
        (.hostileInput, .invalidArgument, .hostileInput),
    ]

    @Test("Refusals of requests")
    func mapsScoring() throws {
        #expect(Set(Self.scoring.map(\.0)) == Set(ScoringError.Code.allCases))
        for (code, status, number) in Self.scoring {
            let error = ScoringError(
                code,
                subject: "thing",
                expected: "this",
                found: "that",
                advice: "do so"
            )
            #expect(try check(error, status, number).advice == "do so")
        }
    }

    @Test("Failures of the engine")
    func mapsInference() throws {
        let cases: [(InferenceError.Code, RPCError.Code, Grm_V1_ErrorCode)] = [
            (.contextOverflow, .invalidArgument, .contextOverflow),
            (.capacity, .resourceExhausted, .tokenBudget), (.cancelled, .cancelled, .cancelled),
            (.stopped, .unavailable, .stopping), (.badLogits, .internalError, .badLogits),
            (.invalidModel, .failedPrecondition, .versionUnusable),
            (.invalidTokenizer, .failedPrecondition, .versionUnusable),
        ]
        for (code, status, number) in cases {
            let error = InferenceError(code, subject: "thing", expected: "this", found: "that")
            let detail = try check(error, status, number)
            #expect(detail.advice.isEmpty == (code != .contextOverflow))
        }
    }

    @Test("Failures of the store")
    func mapsStore() throws {
        let cases: [(StoreError.Code, RPCError.Code, Grm_V1_ErrorCode)] = [
            (.notFound, .notFound, .versionUnknown), (.alreadyExists, .alreadyExists, .store),
            (.corrupt, .dataLoss, .store), (.busy, .unavailable, .store),
            (.full, .resourceExhausted, .store), (.noSpace, .resourceExhausted, .store),
            (.tooNew, .failedPrecondition, .store), (.permission, .permissionDenied, .store),
            (.invalid, .invalidArgument, .store), (.failed, .internalError, .store),
        ]
        for (code, status, number) in cases {
            let error = StoreError(code, "thing", expected: "this", found: "that", lmdbCode: 5)
            _ = try check(error, status, number)
        }
    }

    @Test("Refusals of the daemon")
    func mapsDaemon() throws {
        let cases: [(DaemonError.Code, RPCError.Code, Grm_V1_ErrorCode)] = [
            (.queueFull, .resourceExhausted, .queueFull), (.draining, .unavailable, .draining),
            (.noDeployment, .failedPrecondition, .noDeployment),
            (.versionMismatch, .failedPrecondition, .versionMismatch),
            (.versionUnusable, .failedPrecondition, .versionUnusable),
            (.deadline, .deadlineExceeded, .deadline), (.cancelled, .cancelled, .cancelled),
            (.notSupported, .unimplemented, .notSupported),
            (.lockHeld, .failedPrecondition, .store), (.permission, .permissionDenied, .store),
            (.tooLarge, .invalidArgument, .tokenBudget),
            (.invalidArgument, .invalidArgument, .configuration),
        ]
        for (code, status, number) in cases {
            let error = DaemonError(
                code,
                subject: "thing",
                expected: "this",
                found: "that",
                advice: "do so",
                retryAfterSeconds: code == .queueFull ? 1 : nil
            )
            let detail = try check(error, status, number)
            #expect(detail.advice == "do so")
            #expect(detail.hasRetryAfterSeconds == (code == .queueFull))
        }
    }

    @Test("A refused configuration names its source and key")
    func mapsConfiguration() throws {
        let error = ConfigurationError(
            source: "/f.toml",
            key: "limits.requests",
            expected: "this",
            found: "that"
        )
        let answer = StatusMapping.answer(to: error)
        let detail = try #require(WireError(answer).detail)
        #expect(answer.code == .invalidArgument)
        #expect(detail.code == .configuration)
        #expect(detail.subject == "/f.toml: limits.requests")
        #expect(!detail.advice.isEmpty)
    }

    @Test("What nobody foresaw is an internal error; what is a status already stays")
    func mapsTheRest() throws {
        struct Surprise: Error {}
        let answer = StatusMapping.answer(to: Surprise())
        #expect(answer.code == .internalError)
        let detail = try #require(WireError(answer).detail)
        #expect(detail.code == .internal)
        #expect(detail.found.contains("Surprise"))
        let status = RPCError(code: .aborted, message: "as it is")
        #expect(StatusMapping.answer(to: status) == status)
    }

    @Test("A text that no header could carry still arrives in the detail")
    func carriesAnyText() throws {
        let text = "línea 1\nlínea 2 \u{0}\u{7f} 🧮"
        let error = ScoringError(
            .textTooLong,
            subject: text,
            expected: text,
            found: text,
            advice: ""
        )
        let detail = try #require(WireError(StatusMapping.answer(to: error)).detail)
        #expect(detail.subject == text && detail.found == text)
    }

    @Test("The exit status tells scripts why the daemon ended")
    func mapsExitCodes() {
        func status(_ code: StoreError.Code) -> Int32 {
            Daemon.exitCode(of: StoreError(code, "s", expected: "e", found: "f"))
        }
        func status(_ code: DaemonError.Code) -> Int32 {
            let error = DaemonError(code, subject: "s", expected: "e", found: "f", advice: "")
            return Daemon.exitCode(of: error)
        }
        let configuration = ConfigurationError(source: "s", key: "k", expected: "e", found: "f")
        #expect(Daemon.exitCode(of: configuration) == 78)
        #expect(status(.tooNew) == 65)
        #expect(status(StoreError.Code.permission) == 77)
        #expect(status(.busy) == 5)
        #expect(status(DaemonError.Code.lockHeld) == 5)
        #expect(status(DaemonError.Code.permission) == 77)
        #expect(status(.corrupt) == 1)
        #expect(status(.versionUnusable) == 1)
        #expect(Daemon.exitCode(of: CancellationError()) == 1)
    }
}
