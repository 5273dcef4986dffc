import Daemon
import GRPCCore
import Inference
import Store
import SwiftProtobuf
import Testing
import Wire

@Suite("The scoring calls")
struct ScoringServiceTests {
    let store: TinyStore
    let deployments: Deployments

    init() async throws {
        store = try TinyStore()
        deployments = store.deployments()
        _ = try await deployments.activate(grm: "a", metaRM: nil, reason: "", uid: 0)
    }

    @Test("A reply has scores, judgments, versions, seed, usage and times")
    func answers() async throws {
        let daemon = try store.daemon(deployments)
        var request = Grm_V1_ScoreRequest.tiny
        request.replyParts = [.text, .tokens]
        request.requestID = "mine"
        let reply = try await InProcessDaemon.serve(daemon) { [request] in
            try await $0.scoring.score(request)
        }
        #expect(reply.scores.map(\.index) == [0, 1])
        #expect(reply.judgments.map(\.index) == [0, 1, 2, 3])
        #expect(reply.kDrawn == 4 && reply.seed == 7 && reply.requestID == "mine")
        for judgment in reply.judgments {
            #expect(judgment.outcome == .scored && judgment.counted)
            #expect(judgment.scores.allSatisfy { (1...10).contains($0) })
            #expect(judgment.tokens.count == judgment.generatedTokens)
            #expect(judgment.text.contains("\\boxed{"))
            #expect(judgment.principles.isEmpty && judgment.critique.isEmpty)
        }
        let current = try #require(deployments.current)
        #expect(reply.versions.grm.name == "a")
        #expect(reply.versions.grm.digest == current.version.digest)
        #expect(reply.versions.deployment == 1)
        #expect(reply.versions.templateDigest == current.templateDigest)
        #expect(reply.versions.daemon == DaemonState.version)
        #expect(reply.usage.promptTokens > 0)
        #expect(
            reply.usage.generatedTokens
                == reply.judgments.reduce(0) { $0 + UInt64($1.generatedTokens) }
        )
        let times = reply.timings
        #expect(times.decodeSeconds > 0)
        #expect(
            times.totalSeconds >= times.queueSeconds + times.prefillSeconds + times.decodeSeconds
        )
        let counts = daemon.counters.now
        #expect(counts.requests == 1 && counts.ok == 1 && counts.judgmentsScored == 4)
        #expect(daemon.admission.load == (0, 0))
    }

    @Test("A stream has each judgment once, and then the verdict that one call gives")
    func streams() async throws {
        let daemon = try store.daemon(deployments)
        let (events, reply) = try await InProcessDaemon.serve(daemon) { client in
            let events = try await client.scoring.scoreStream(.tiny) { response in
                try await response.messages.reduce(into: []) { $0.append($1) }
            }
            return (events, try await client.scoring.score(.tiny))
        }
        #expect(events.count == 5)
        let judgments = events.dropLast().map(\.judgment)
        let verdict = try #require(events.last?.verdict)
        #expect(verdict.scores == reply.scores)
        #expect(Set(judgments.map(\.index)) == [0, 1, 2, 3])
        for judgment in judgments {
            #expect(judgment == verdict.judgments[Int(judgment.index)])
        }
    }

    @Test("Expected scores are the means of the model's own distributions, and change no text")
    func expects() async throws {
        var sampled = Grm_V1_ScoreRequest.tiny
        sampled.replyParts = [.text]
        var expected = sampled
        expected.readout = .expected
        let daemon = try store.daemon(deployments)
        let replies = try await InProcessDaemon.serve(daemon) { [sampled, expected] client in
            [try await client.scoring.score(sampled), try await client.scoring.score(expected)]
        }
        #expect(replies.map(\.readout) == [.sampled, .expected])
        #expect(replies[0].judgments.map(\.text) == replies[1].judgments.map(\.text))
        #expect(replies[0].scores.allSatisfy { $0.hasTotal })
        #expect(!replies[1].scores.contains { $0.hasTotal })
        let values = replies[1].judgments.flatMap(\.scores)
        #expect(values.count == 8 && values.allSatisfy { $0 > 1 && $0 < 10 })
        #expect(values.contains { $0 != $0.rounded() })
        for (index, score) in replies[1].scores.enumerated() {
            let mean = replies[1].judgments.reduce(0) { $0 + $1.scores[index] } / 4
            #expect(abs(score.mean - mean) < 1e-12)
        }
    }

    @Test("A rule may stop before k_max, and its verdict is that of the judgments it saw")
    func stopsEarly() async throws {
        var adaptive = Grm_V1_ScoreRequest.tiny
        adaptive.kMax = 32
        adaptive.stopping = .predicted
        adaptive.stopRisk = 0.3
        let daemon = try store.daemon(deployments)
        let (reply, shorter) = try await InProcessDaemon.serve(daemon) { [adaptive] client in
            let reply = try await client.scoring.score(adaptive)
            var fixed = adaptive
            fixed.stopping = .fixed
            fixed.clearStopRisk()
            fixed.kMax = reply.kDrawn
            return (reply, try await client.scoring.score(fixed))
        }
        #expect(reply.kDrawn < 32 && reply.kDrawn.isMultiple(of: 2))
        #expect(reply.stopReason == .predicted || reply.stopReason == .exact)
        #expect(reply.hasStopBound && reply.stopBound <= 0.3)
        #expect(reply.scores == shorter.scores)
    }

    @Test("Hostile responses are flagged, given the floor, or refused, as the policy says")
    func guards() async throws {
        var request = Grm_V1_ScoreRequest.tiny
        request.responses[1].content = "Thought process:"
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { [request] client in
            let flagged = try await client.scoring.score(request)
            #expect(flagged.scores[1].flags == [.degenerate] && !flagged.scores[1].floored)
            var floor = request
            floor.hostileInputs = .floor
            let floored = try await client.scoring.score(floor)
            #expect(floored.scores[1].floored && floored.scores[1].total == 4)
            #expect(floored.scores[0] == flagged.scores[0] || floored.scores[0].rank == 1)
            #expect(floored.judgments.map(\.scores) == flagged.judgments.map(\.scores))
            var reject = request
            reject.hostileInputs = .reject
            let refusal = try await client.refusal { [reject] in
                _ = try await $0.scoring.score(reject)
            }
            #expect(refusal.detail.code == .hostileInput)
            #expect(refusal.detail.subject == "responses[1].content")
        }
    }

    @Test("Without a seed each call has its own, and says which")
    func drawsSeeds() async throws {
        var request = Grm_V1_ScoreRequest.tiny
        request.clearSeed()
        let daemon = try store.daemon(deployments)
        let replies = try await InProcessDaemon.serve(daemon) { [request] client in
            let first = try await client.scoring.score(request)
            let second = try await client.scoring.score(request)
            var repeated = request
            repeated.seed = first.seed
            return [first, second, try await client.scoring.score(repeated)]
        }
        #expect(replies[0].seed != replies[1].seed)
        #expect(replies[0].scores == replies[2].scores)
    }

    private static let refused:
        [(@Sendable (inout Grm_V1_ScoreRequest) -> Void, RPCError.Code, Grm_V1_ErrorCode)] = [
            ({ $0.conversation = [] }, .invalidArgument, .conversationEmpty),
            ({ $0.kMax = 65 }, .invalidArgument, .sampleCount),
            ({ $0.mode = .UNRECOGNIZED(77) }, .unimplemented, .notSupported),
            (
                {
                    $0.mode = .scalar
                    $0.clearKMax()
                    $0.clearMaxJudgmentTokens()
                }, .unimplemented, .notSupported
            ), ({ $0.mode = .scalar }, .invalidArgument, .tokenBudget),
            ({ $0.expectedGrm = "b" }, .failedPrecondition, .versionMismatch),
            ({ $0.expectedMetaRm = "a" }, .failedPrecondition, .versionMismatch),
            (
                { $0.responses[0].content = String(repeating: "Paris is so. ", count: 2000) },
                .invalidArgument, .contextOverflow
            ),
        ]

    @Test("A request that cannot be judged is refused with status and detail")
    func refuses() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            for (change, status, code) in Self.refused {
                var request = Grm_V1_ScoreRequest.tiny
                change(&request)
                let refusal = try await client.refusal { [request] in
                    _ = try await $0.scoring.score(request)
                }
                #expect(refusal.status == status)
                #expect(refusal.detail.code == code)
                let streamed = try await client.refusal { [request] in
                    try await $0.scoring.scoreStream(request) { response in
                        for try await _ in response.messages {}
                    }
                }
                #expect(streamed.detail == refusal.detail)
            }
            let digest = deployments.current?.version.digest ?? ""
            var request = Grm_V1_ScoreRequest.tiny
            request.expectedGrm = digest
            #expect(try await client.scoring.score(request).versions.grm.digest == digest)
        }
        #expect(daemon.counters.now.refused == 2 * Self.refused.count)
        #expect(daemon.counters.now.ok == 1)
        #expect(daemon.admission.load == (0, 0))
    }

    @Test(
        "Without a deployment calls are refused and the daemon is not healthy, until there is one"
    )
    func needsADeployment() async throws {
        let empty = try TinyStore(versions: ["a"])
        let daemon = try empty.daemon(empty.deployments())
        try await InProcessDaemon.serve(daemon) { client in
            let refusal = try await client.refusal { _ = try await $0.scoring.score(.tiny) }
            #expect(refusal.status == .failedPrecondition)
            #expect(refusal.detail.code == .noDeployment)
            #expect(try await client.isHealthy() == false)
            _ = try await client.admin.activate(.with { $0.grm = "a" })
            #expect(try await client.isHealthy())
            #expect(try await client.scoring.score(.tiny).kDrawn == 4)
        }
    }

    @Test("A call beyond the bounds is refused at once, with the time to come back")
    func boundsCalls() async throws {
        let daemon = try store.daemon(deployments, settings: ["limits.requests": "1"])
        try await InProcessDaemon.serve(daemon) { client in
            let long = Task { try await client.scoring.score(.long) }
            #expect(try await eventually { daemon.admission.load.requests == 1 })
            let refusal = try await client.refusal { _ = try await $0.scoring.score(.tiny) }
            #expect(refusal.status == .resourceExhausted)
            #expect(refusal.detail.code == .queueFull)
            #expect(refusal.detail.retryAfterSeconds == 1)
            #expect(try await long.value.kDrawn == 64)
            #expect(daemon.admission.load == (0, 0))
            #expect(try await client.scoring.score(.tiny).kDrawn == 4)
        }
        #expect(daemon.counters.now.refused == 1 && daemon.counters.now.ok == 2)
    }

    @Test("A deadline that leaves no time for a judgment ends the call and frees its samples")
    func keepsDeadlines() async throws {
        let daemon = try store.daemon(deployments)
        let engine = try #require(deployments.current).engine
        try await InProcessDaemon.serve(daemon) { client in
            let error = await #expect(throws: RPCError.self) {
                try await client.scoreLong(within: .milliseconds(2))
            }
            #expect(error?.code == .deadlineExceeded)
            let isFree = try await eventually {
                guard daemon.admission.load == (0, 0) else { return false }
                return await engine.statistics.samplesRunning == 0
            }
            #expect(isFree)
        }
        #expect(daemon.counters.now.deadline == 1, "\(daemon.counters.now)")
    }

    @Test("A reply names the version that judged, also where it was swapped meanwhile")
    func swapsUnderCalls() async throws {
        let daemon = try store.daemon(deployments)
        let engine = try #require(deployments.current).engine
        try await InProcessDaemon.serve(daemon) { client in
            var request = Grm_V1_ScoreRequest.tiny
            request.kMax = 16
            request.maxJudgmentTokens = 200
            async let flying = client.scoring.score(request)
            #expect(try await eventually { await engine.statistics.samplesRunning > 0 })
            let reply = try await client.admin.activate(.with { $0.grm = "b" })
            #expect(reply.previous.grm.name == "a" && reply.deployment.number == 2)
            #expect(try await client.scoring.score(.tiny).versions.grm.name == "b")
            #expect(try await flying.versions.grm.name == "a")
        }
    }
}

extension InProcessDaemon {
    fileprivate func scoreLong(within timeout: Duration) async throws {
        var options = CallOptions.defaults
        options.timeout = timeout
        let reply: Grm_V1_ScoreReply = try await scoring.score(.long, options: options)
        #expect(reply.kDrawn == 0, "the request was too short to test with")
    }
}
