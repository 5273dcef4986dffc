import Foundation
package import Logging
package import Store
import Synchronization

/// What the services of a running daemon share.
package final class DaemonState: Sendable {
    /// The release.
    package static let version = "0.3.0"

    package let log: Logger
    package let admission: Admission
    package let deployments: Deployments
    /// Kept principles; nil where the cache is off.
    package let principles: PrincipleCache?
    package let principleSupply: PrincipleSupply
    package let loadFollower = LoadFollower()
    package let counters = RequestCounters()
    package let phase = PhaseMonitor()
    private let systemd = Systemd()
    let start = ContinuousClock.now
    private let readConfiguration: @Sendable () throws -> Configuration
    private let current: Mutex<Configuration>

    /// Starts in phase `loading`.
    ///
    /// `readConfiguration` reads file, environment and flags again, for a reload.
    package init(
        configuration: Configuration,
        deployments: Deployments,
        principles: PrincipleCache? = nil,
        log: Logger,
        readConfiguration: @escaping @Sendable () throws -> Configuration
    ) {
        self.log = log
        self.deployments = deployments
        self.principles = principles
        principleSupply = PrincipleSupply(principles)
        self.readConfiguration = readConfiguration
        current = Mutex(configuration)
        admission = Admission(configuration.admissionLimits)
    }

    /// The configuration in force.
    package var configuration: Configuration { current.withLock { $0 } }

    // MARK: Changes

    /// Reads the configuration again and brings into force what can be.
    ///
    /// - Returns: Every setting that differs, also those that wait for a restart.
    /// - Throws: `ConfigurationError`; then the old values stay.
    package func reload() throws -> [Configuration.Key] {
        if phase.phase == .serving { systemd.notifyReloading() }
        defer { announce() }
        let new = try readConfiguration()
        let changes = current.withLock { current in
            let changes = new.changes(from: current)
            current.drainSeconds = new.drainSeconds
            current.requestsMax = new.requestsMax
            current.tokensMax = new.tokensMax
            current.samplesMax = new.samplesMax
            current.logLevel = new.logLevel
            current.freshShare = new.freshShare
            current.queueSeconds = new.queueSeconds
            return changes
        }
        admission.setLimits(new.admissionLimits)
        LogLevel.set(new.logLevel)
        let names = changes.map(\.rawValue).joined(separator: ", ")
        log.notice("reloaded", metadata: ["changed": "\(names)"])
        return changes
    }

    /// Takes note of a swap.
    package func didSwap(to deployment: Deployment) {
        counters.update { $0.swaps += 1 }
        phase.setHasDeployment(true)
        announce()
        let name = deployment.version.manifest.name
        log.notice(
            "activated",
            metadata: ["version": "\(name)", "deployment": "\(deployment.record.number)"]
        )
    }

    /// Tells systemd that the daemon is ready, and what it serves.
    ///
    /// Says nothing once the daemon is stopping.
    package func announce() {
        guard phase.phase == .serving else { return }
        let version = deployments.current?.version.manifest.name
        let status = version.map { "serving \($0)" } ?? "no deployment: grmctl activate NAME"
        systemd.notify("READY=1", "STATUS=\(status)")
    }

    /// Refuses new requests and waits for those in flight.
    ///
    /// - Returns: Requests that are still there when the time is up.
    package func drain(for limit: Duration) async -> Int {
        phase.enter(.draining)
        admission.setDraining(true)
        systemd.notify("STATUS=draining \(admission.load.requests) requests")
        let deadline = ContinuousClock.now + limit
        while admission.load.requests > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            // A cancelled sleep ends the wait, as it should.
            try? await Task.sleep(for: .milliseconds(20))
        }
        return admission.load.requests
    }
}

extension Configuration {
    fileprivate var admissionLimits: Admission.Limits {
        Admission.Limits(requests: requestsMax, tokens: tokensMax)
    }
}
