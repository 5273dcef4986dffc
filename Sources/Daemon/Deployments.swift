import Foundation
package import Inference
package import Store
import Synchronization

/// What serves now, and how that changes: load, activate, roll back.
///
/// Requests hold the deployment they began with, so a swap never touches them.
package final class Deployments: Sendable {
    private struct State {
        var current: Deployment?
        var isChanging = false
        /// Engines that were swapped out and still have requests, and the sums of those gone.
        var retired: [Engine] = []
        var retiredStatistics = EngineStatistics()
    }

    package let catalogue: Catalogue
    package let directory: StoreDirectory
    private let limits: Engine.Limits
    private let state = Mutex(State())

    package init(catalogue: Catalogue, directory: StoreDirectory, limits: Engine.Limits) {
        self.catalogue = catalogue
        self.directory = directory
        self.limits = limits
    }

    /// What serves new requests.
    package var current: Deployment? { state.withLock { $0.current } }

    /// Loads what the deployment log says, at start.
    ///
    /// - Returns: Whether there is a deployment.
    package func loadCurrent() async throws -> Bool {
        guard let record = try catalogue.currentDeployment() else { return false }
        let deployment = try await Deployment.load(
            try catalogue.version(record.grmDigest),
            metaRM: try metaRM(of: record),
            record: record,
            from: directory,
            limits: limits
        )
        state.withLock { $0.current = deployment }
        return true
    }

    /// Verifies and warms a version, writes the log, then swaps.
    ///
    /// On any failure the old one stays.
    ///
    /// - Returns: The new deployment, and the old one's record.
    package func activate(
        grm: String,
        metaRM: String?,
        reason: String,
        uid: UInt32
    ) async throws -> (new: Deployment, old: DeploymentRecord?) {
        try beginChange()
        defer { endChange() }
        let version = try catalogue.version(grm)
        let meta = try metaRM.map { try catalogue.version($0) }
        return try await swap(to: version, meta: meta, reason: reason, uid: uid)
    }

    /// Activates what served before the current deployment.
    package func rollback(
        reason: String,
        uid: UInt32
    ) async throws -> (new: Deployment, old: DeploymentRecord?) {
        // Before the log is read: another change would make another version the earlier one.
        try beginChange()
        defer { endChange() }
        let log = try catalogue.deployments()
        guard log.count >= 2 else {
            throw DaemonError(
                .noDeployment,
                subject: "rollback",
                expected: "an earlier deployment",
                found: "\(log.count) in the log",
                advice: "activate a version by name"
            )
        }
        let target = log[log.count - 2]
        let version = try catalogue.version(target.grmDigest)
        return try await swap(
            to: version,
            meta: try metaRM(of: target),
            reason: reason.isEmpty ? "rollback to deployment \(target.number)" : reason,
            uid: uid
        )
    }

    private func swap(
        to version: StoredVersion,
        meta: StoredVersion?,
        reason: String,
        uid: UInt32
    ) async throws -> (new: Deployment, old: DeploymentRecord?) {
        var record = DeploymentRecord()
        record.grmDigest = version.digest
        record.grmName = version.manifest.name
        record.metaRmDigest = meta?.digest ?? ""
        record.metaRmName = meta?.manifest.name ?? ""
        record.unixSeconds = Int64(Date().timeIntervalSince1970)
        record.uid = uid
        record.reason = reason
        // A first load proves the version; the log is written only then.
        let trial = try await Deployment.load(
            version,
            metaRM: meta,
            record: record,
            from: directory,
            limits: limits
        )
        let written = try catalogue.appendDeployment(record)
        let deployment = Deployment(trial, record: written)
        let old = state.withLock { state in
            let old = state.current
            state.current = deployment
            if let old { state.retired.append(old.engine) }
            return old
        }
        if let engine = old?.engine { Task { await retire(engine) } }
        return (deployment, old?.record)
    }

    private func metaRM(of record: DeploymentRecord) throws -> StoredVersion? {
        record.metaRmDigest.isEmpty ? nil : try catalogue.version(record.metaRmDigest)
    }

    private func endChange() { state.withLock { $0.isChanging = false } }

    private func beginChange() throws(DaemonError) {
        let isFree = state.withLock { state in
            defer { state.isChanging = true }
            return !state.isChanging
        }
        guard isFree else {
            throw DaemonError(
                .queueFull,
                subject: "activation",
                expected: "one at a time",
                found: "another that is under way",
                advice: "try again when it has ended",
                retryAfterSeconds: 5
            )
        }
    }

    /// Lets a swapped-out engine go when its last request has ended, and keeps its counters.
    ///
    /// Between the rounds of a request an engine has nothing to do for a moment, so that it is
    /// looked at several times.
    private func retire(_ engine: Engine) async {
        var idleCount = 0
        while true {
            var last = await engine.statistics
            idleCount = last.samplesRunning + last.samplesWaiting == 0 ? idleCount + 1 : 0
            if idleCount == 5 {
                last.keyValueBytes = 0
                last.sampleBytes = 0
                let counters = last
                return state.withLock { state in
                    state.retired.removeAll { $0 === engine }
                    state.retiredStatistics = state.retiredStatistics + counters
                }
            }
            // Nobody cancels this; if somebody did, the loop would only turn faster.
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Counters of all engines since the start, and what the living ones hold.
    package func statistics() async -> EngineStatistics {
        let (engines, base) = state.withLock {
            ($0.retired + [$0.current?.engine].compactMap(\.self), $0.retiredStatistics)
        }
        var sum = base
        for engine in engines { sum = sum + (await engine.statistics) }
        return sum
    }

    /// Ends every request of every engine.
    package func stop() async {
        let engines = state.withLock { $0.retired + [$0.current?.engine].compactMap(\.self) }
        for engine in engines { await engine.stop() }
    }
}
