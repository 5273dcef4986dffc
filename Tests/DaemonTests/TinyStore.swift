import Daemon
import Foundation
import Import
import Inference
import Logging
import Scoring
import Store

/// A store with tiny models under the names "a" and "b", which goes when the value goes.
final class TinyStore: Sendable {
    let directory: StoreDirectory
    let catalogue: Catalogue

    init(versions: [String] = ["a", "b"]) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/grmd-" + UUID().uuidString
        directory = try StoreDirectory(creatingAt: folder)
        for (name, format) in [("a", "q4_1"), ("b", "f32")] where versions.contains(name) {
            _ = try importModel(
                at: Self.fixture("tiny-\(format).gguf"),
                into: directory,
                options: ImportOptions(name: name)
            ) { _ in }
        }
        catalogue = try Catalogue(directory, access: .writing)
    }

    deinit {
        // A folder that stays behind in the system's place for such folders harms nobody.
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    private static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "GoldenTests/Fixtures/\(name)").path
    }

    func deployments(limits: Engine.Limits = .tiny) -> Deployments {
        Deployments(catalogue: catalogue, directory: directory, limits: limits)
    }

    /// What a daemon on this store has; serving once it has a deployment.
    func daemon(
        _ deployments: Deployments,
        settings: [String: String] = [:],
        principles: PrincipleCache? = nil,
        readConfiguration: (@Sendable () throws -> Configuration)? = nil
    ) throws -> DaemonState {
        var layers = ConfigurationLayers()
        for (key, value) in settings { try layers.set(key, to: value, source: "test") }
        let configuration = try Configuration(layers)
        let daemon = DaemonState(
            configuration: configuration,
            deployments: deployments,
            principles: principles,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            readConfiguration: readConfiguration ?? { configuration }
        )
        daemon.phase.setHasDeployment(deployments.current != nil)
        daemon.phase.enter(.serving)
        return daemon
    }

    /// Changes one byte of every weight of a version, where its tensor begins.
    func damage(_ name: String) throws {
        for pack in try catalogue.version(name).packs {
            let path = directory.packPath(pack)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[bytes.count / 2] ^= 0xff
            try bytes.write(to: URL(filePath: path))
        }
    }
}

extension Engine.Limits {
    /// Room for a few hundred samples of the tiny model.
    static let tiny = Engine.Limits(keyValueBytesMax: 1 << 29, threadCount: 1)
}

extension ScoreRequestDraft {
    /// A short request on two responses.
    static var tiny: Self {
        var draft = ScoreRequestDraft()
        draft.conversation = [.init(role: .user, content: "What is the capital of France?")]
        draft.responses = [
            CandidateResponse(content: "Paris."), CandidateResponse(content: "Lyon, I think."),
        ]
        draft.kMax = 4
        draft.seed = 7
        draft.temperature = 1
        draft.maxJudgmentTokens = 24
        return draft
    }

    /// A request that takes seconds.
    static var long: Self {
        var draft = tiny
        draft.kMax = 64
        draft.maxJudgmentTokens = 1500
        return draft
    }

    func checked() throws(ScoringError) -> ScoreRequest {
        try ScoreRequest(
            validating: self,
            limits: ScoringLimits(),
            defaults: ScoringDefaults(),
            freshSeed: 1
        )
    }
}

/// Waits until something is so.
///
/// - Returns: Whether it came to be so within two minutes.
func eventually(_ isSo: () async throws -> Bool) async throws -> Bool {
    // Long: other suites hold the threads of the pool for half a minute on a small machine.
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await isSo()
}

extension Deployment {
    /// A request on this deployment, without kept principles.
    func operation(_ request: ScoreRequest) throws -> ScoreOperation {
        try ScoreOperation(request, deployment: self)
    }
}
