import Daemon
import Foundation
import Inference
import Scoring
import Store
import Testing

@Suite("Deployments")
struct DeploymentsTests {
    let store: TinyStore
    let deployments: Deployments

    init() throws {
        store = try TinyStore()
        deployments = store.deployments()
    }

    private func activate(
        _ name: String,
        reason: String = ""
    ) async throws -> (new: Deployment, old: DeploymentRecord?) {
        try await deployments.activate(grm: name, metaRM: nil, reason: reason, uid: 1000)
    }

    @Test("A new store has no deployment, and nothing to roll back to")
    func beginsEmpty() async throws {
        #expect(try await deployments.loadCurrent() == false)
        #expect(deployments.current == nil)
        let error = await #expect(throws: DaemonError.self) {
            try await deployments.rollback(reason: "", uid: 0)
        }
        #expect(error?.code == .noDeployment)
        #expect(await deployments.statistics() == EngineStatistics())
    }

    @Test("An activation is logged, serves, and is there after a restart")
    func activates() async throws {
        let first = try await activate("a", reason: "because")
        #expect(first.old == nil)
        #expect(deployments.current?.version.manifest.name == "a")
        let second = try await activate("b")
        #expect(second.old?.grmName == "a")
        #expect(second.new.record.number == 2)
        #expect(deployments.current === second.new)
        let log = try store.catalogue.deployments()
        #expect(log.map(\.grmName) == ["a", "b"])
        #expect(log.map(\.number) == [1, 2])
        #expect(log.map(\.reason) == ["because", ""])
        #expect(log.map(\.uid) == [1000, 1000])
        #expect(log.map(\.grmDigest) == [first.new.version.digest, second.new.version.digest])
        let restarted = store.deployments()
        #expect(try await restarted.loadCurrent())
        #expect(restarted.current?.version.digest == second.new.version.digest)
        #expect(restarted.current?.record == log.last)
    }

    @Test("A rollback repeats what served before; a second one goes forth again")
    func rollsBack() async throws {
        _ = try await activate("a")
        #expect(
            await throwsCode { try await deployments.rollback(reason: "", uid: 0) } == .noDeployment
        )
        _ = try await activate("b")
        let back = try await deployments.rollback(reason: "", uid: 5)
        #expect(back.new.version.manifest.name == "a")
        #expect(back.old?.grmName == "b")
        #expect(back.new.record.reason == "rollback to deployment 1")
        let forth = try await deployments.rollback(reason: "no", uid: 5)
        #expect(forth.new.version.manifest.name == "b")
        #expect(forth.new.record.reason == "no")
        #expect(try store.catalogue.deployments().map(\.grmName) == ["a", "b", "a", "b"])
    }

    private func throwsCode(_ body: () async throws -> Any) async -> DaemonError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? DaemonError)?.code
        }
    }

    @Test(
        "A name that is not there is refused, and so is a meta-RM that is none; the old one serves on"
    )
    func refusesUnknown() async throws {
        let old = try await activate("a").new
        let unknown = await #expect(throws: StoreError.self) { try await activate("c") }
        #expect(unknown?.code == .notFound)
        let meta = await throwsCode {
            try await deployments.activate(grm: "b", metaRM: "a", reason: "", uid: 0)
        }
        #expect(meta == .versionUnusable)
        #expect(deployments.current === old)
        #expect(try store.catalogue.deployments().count == 1)
        _ = try await activate("b")
    }

    @Test("A damaged version is refused with its name; the old one serves on and stays in the log")
    func refusesDamage() async throws {
        let old = try await activate("a").new
        try store.damage("b")
        let error = await #expect(throws: DaemonError.self) { try await activate("b") }
        #expect(error?.code == .versionUnusable)
        #expect(error?.subject == "version b")
        #expect(error?.advice.contains("grmctl verify b") == true)
        #expect(deployments.current === old)
        #expect(try store.catalogue.deployments().map(\.grmName) == ["a"])
        let request = try ScoreRequestDraft.tiny.checked()
        #expect(try await old.operation(request).run().verdict.kDrawn == 4)
        _ = try await activate("a")
    }

    @Test("A daemon whose version was damaged does not start with it")
    func refusesDamageAtStart() async throws {
        _ = try await activate("b")
        try store.damage("b")
        let restarted = store.deployments()
        let code = await throwsCode { try await restarted.loadCurrent() }
        #expect(code == .versionUnusable)
        #expect(restarted.current == nil)
    }

    @Test("A pack that is cut short or gone is refused, as is a format of a later release")
    func refusesMissingBytes() async throws {
        _ = try await activate("a")
        let pack = try #require(try store.catalogue.version("b").packs.first)
        let path = store.directory.packPath(pack)
        let bytes = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)
        #expect(await throwsCode { try await activate("b") } == .versionUnusable)
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
        #expect(await throwsCode { try await activate("b") } == .versionUnusable)
        #expect(deployments.current?.version.manifest.name == "a")
        try bytes.write(to: URL(filePath: path))
        #expect(try await activate("b").new.record.number == 2)
    }

    @Test("Of several activations at once one goes on, the others are refused at once")
    func activatesOneAtATime() async throws {
        let outcomes = await withTaskGroup(of: DaemonError.Code?.self) { tasks in
            for _ in 0..<4 { tasks.addTask { await throwsCode { try await activate("b") } } }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        let succeeded = outcomes.count { $0 == nil }
        #expect(succeeded >= 1)
        #expect(outcomes.count { $0 == .queueFull } == 4 - succeeded)
        #expect(succeeded < 4)
        #expect(try store.catalogue.deployments().count == succeeded)
        _ = try await activate("a")
    }

    @Test("Requests in flight finish on the version that they began with")
    func swapsUnderRequests() async throws {
        let old = try await activate("a").new
        let request = try ScoreRequestDraft.tiny.checked()
        let alone = try await old.operation(request).run().verdict
        var draft = ScoreRequestDraft.long
        draft.kMax = 16
        draft.maxJudgmentTokens = 200
        let long = try draft.checked()
        async let flying = old.operation(long).run()
        #expect(try await eventually { await old.engine.statistics.samplesRunning > 0 })
        let new = try await activate("b").new
        #expect(deployments.current === new)
        async let fresh = new.operation(request).run()
        #expect(try await flying.verdict.kDrawn == 16)
        #expect(try await fresh.verdict.judgments != alone.judgments)
        let again = try await old.operation(request).run().verdict
        #expect(again.judgments.map(\.scores) == alone.judgments.map(\.scores))
    }

    @Test("The counts of engines that are gone stay in the sums, once")
    func keepsCounts() async throws {
        let old = try await activate("a").new
        let request = try ScoreRequestDraft.tiny.checked()
        _ = try await old.operation(request).run()
        let before = await deployments.statistics()
        #expect(before.generatedTokens > 0)
        let new = try await activate("b").new
        let own = await new.engine.statistics
        for _ in 0..<3 {
            let after = await deployments.statistics()
            #expect(after.generatedTokens == before.generatedTokens + own.generatedTokens)
            #expect(after.steps == before.steps + own.steps)
        }
        #expect(
            try await eventually {
                await deployments.statistics().keyValueBytes == own.keyValueBytes
            }
        )
    }
}
