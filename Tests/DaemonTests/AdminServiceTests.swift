import Daemon
import GRPCCore
import Store
import SwiftProtobuf
import Synchronization
import Testing
import Wire

@Suite("The admin calls")
struct AdminServiceTests {
    let store: TinyStore
    let deployments: Deployments

    init() async throws {
        store = try TinyStore()
        deployments = store.deployments()
        _ = try await deployments.activate(grm: "a", metaRM: nil, reason: "", uid: 0)
    }

    @Test("The status tells phase, deployment, counts and limits")
    func tellsStatus() async throws {
        let daemon = try store.daemon(deployments, settings: ["limits.requests": "9"])
        let status = try await InProcessDaemon.serve(daemon) { client in
            _ = try await client.scoring.score(.tiny)
            return try await client.admin.status(Grm_V1_StatusRequest())
        }
        #expect(status.phase == .serving)
        #expect(status.deployment.grm.name == "a")
        #expect(status.counters.requests == 1 && status.counters.requestsOk == 1)
        #expect(status.counters.generatedTokens > 0 && status.counters.engineSteps > 0)
        #expect(status.load.requestsAdmitted == 0)
        #expect(status.limits.requests == 9)
        #expect(status.limits.samples == 64 && status.limits.responses == 64)
        #expect(status.limits.contextTokens == 4096)
        #expect(!status.kernels.isEmpty && !status.blas.isEmpty && status.processID > 0)
    }

    @Test("Versions are listed and shown, the active one marked; an unknown one is not found")
    func showsVersions() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let list = try await client.admin.listVersions(.init()).versions
            #expect(list.map(\.name) == ["a", "b"])
            #expect(list.map(\.active) == [true, false])
            let shown = try await client.admin.showVersion(.with { $0.name = "b" })
            #expect(shown.summary == list[1])
            #expect(shown.tensors.count == 11)
            #expect(shown.tensors.allSatisfy { $0.digest.count == 64 })
            let refusal = try await client.refusal {
                _ = try await $0.admin.showVersion(.with { $0.name = "c" })
            }
            #expect(refusal.status == .notFound && refusal.detail.code == .versionUnknown)
        }
    }

    @Test("A refused activation has its reason, and the old version serves on")
    func refusesActivation() async throws {
        try store.damage("b")
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let damaged = try await client.refusal {
                _ = try await $0.admin.activate(.with { $0.grm = "b" })
            }
            #expect(damaged.status == .failedPrecondition)
            #expect(damaged.detail.code == .versionUnusable)
            let rollback = try await client.refusal {
                _ = try await $0.admin.rollback(Grm_V1_RollbackRequest())
            }
            #expect(rollback.detail.code == .noDeployment)
            #expect(try await client.scoring.score(.tiny).versions.grm.name == "a")
            #expect(try await client.isHealthy())
        }
        #expect(daemon.counters.now.swaps == 0)
    }

    @Test("A reload brings in what it can; a fault leaves all as it was")
    func reloads() async throws {
        let settings = Mutex<[(String, String)]>([])
        let daemon = try store.daemon(deployments) {
            var layers = ConfigurationLayers()
            for (key, value) in settings.withLock({ $0 }) {
                try layers.set(key, to: value, source: "file")
            }
            return try Configuration(layers)
        }
        try await InProcessDaemon.serve(daemon) { client in
            #expect(try await client.admin.reload(.init()) == Grm_V1_ReloadReply())
            settings.withLock { $0 = [("limits.samples", "3"), ("cache_directory", "/c")] }
            for _ in 0..<2 {
                let reply = try await client.admin.reload(.init())
                #expect(reply.needsRestart == ["cache_directory"])
            }
            let refusal = try await client.refusal { _ = try await $0.scoring.score(.tiny) }
            #expect(refusal.detail.code == .sampleCount)
            settings.withLock { $0 = [("limits.samples", "4"), ("limits.requests", "none")] }
            let fault = try await client.refusal { _ = try await $0.admin.reload(.init()) }
            #expect(fault.status == .invalidArgument && fault.detail.code == .configuration)
            #expect(daemon.configuration.samplesMax == 3)
            settings.withLock { $0 = [("limits.samples", "4")] }
            #expect(try await client.admin.reload(.init()).changed == ["limits.samples"])
            #expect(try await client.scoring.score(.tiny).kDrawn == 4)
        }
    }

    @Test("A drain refuses new calls, waits for those in flight, and tells how many are left")
    func drains() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let long = Task { try await client.scoring.score(.long) }
            #expect(try await eventually { daemon.admission.load.requests == 1 })
            let left = try await client.admin.drain(.with { $0.secondsMax = 0.05 })
            #expect(left.requestsLeft == 1)
            let refusal = try await client.refusal { _ = try await $0.scoring.score(.tiny) }
            #expect(refusal.status == .unavailable && refusal.detail.code == .draining)
            #expect(try await client.isHealthy() == false)
            #expect(try await client.admin.status(.init()).phase == .draining)
            #expect(try await client.admin.drain(.with { $0.secondsMax = 60 }).requestsLeft == 0)
            #expect(try await long.value.kDrawn == 64, "what was in flight finished")
        }
    }

    @Test("A drain takes no impossible time", arguments: [-1, .nan, .infinity, 86_401])
    func refusesTimes(seconds: Double) async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let refusal = try await client.refusal {
                _ = try await $0.admin.drain(.with { $0.secondsMax = seconds })
            }
            #expect(refusal.status == .invalidArgument)
            #expect(try await client.scoring.score(.tiny).kDrawn == 4)
        }
    }

    @Test("Where the principle cache is off its verbs say so")
    func refusesPrinciples() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let calls: [(InProcessDaemon) async throws -> Void] = [
                { _ = try await $0.admin.listPrinciples(.init()) },
                { _ = try await $0.admin.showPrinciples(.init()) },
                { _ = try await $0.admin.pinPrinciples(.init()) },
                { _ = try await $0.admin.editPrinciples(.init()) },
                { _ = try await $0.admin.deletePrinciples(.init()) },
                { _ = try await $0.admin.principleStats(.init()) },
                {
                    try await $0.admin.exportPrinciples(.init()) { response in
                        for try await _ in response.messages {}
                    }
                },
                { _ = try await $0.admin.importPrinciples { _ in } },
            ]
            for call in calls {
                let refusal = try await client.refusal { try await call($0) }
                #expect(refusal.status == .failedPrecondition)
                #expect(refusal.detail.code == .principles && !refusal.detail.advice.isEmpty)
            }
        }
    }

    @Test("A watcher of the health hears each change; a service that is not there is named so")
    func watchesHealth() async throws {
        let daemon = try store.daemon(deployments)
        try await InProcessDaemon.serve(daemon) { client in
            let seen = try await client.health.watch(.init()) { response in
                var seen: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
                for try await message in response.messages {
                    seen.append(message.status)
                    if seen.count == 1 { daemon.phase.enter(.draining) }
                    if seen.count == 2 { break }
                }
                return seen
            }
            #expect(seen == [.serving, .notServing])
            let error = await #expect(throws: RPCError.self) {
                try await client.health.check(.with { $0.service = "other" })
            }
            #expect(error?.code == .notFound)
            let unknown = try await client.health.watch(.with { $0.service = "other" }) {
                try await $0.messages.reduce(into: []) { $0.append($1.status) }
            }
            #expect(unknown == [.serviceUnknown])
        }
    }
}
