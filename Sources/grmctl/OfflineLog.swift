import Foundation
import Store
import Wire

/// The log of deployments in the hands of a command, while no daemon runs.
struct OfflineLog: ~Copyable {
    private let lock: StateLock
    private let directory: StoreDirectory
    private let catalogue: Catalogue

    /// Takes the lock of the daemon and opens the catalogue for writing.
    ///
    /// - Throws: `busy` while a daemon runs on this store.
    init(_ store: StoreAccess) throws(CommandError) {
        let directory = try store.writable()
        let lock = try storing { () throws(StoreError) in try StateLock(directory) }
        let catalogue = try storing { () throws(StoreError) in
            // Opening for writing would make a catalogue where there is none.
            _ = try Catalogue(directory, access: .reading).versions()
            return try Catalogue(directory, access: .writing)
        }
        self.lock = lock
        self.directory = directory
        self.catalogue = catalogue
    }

    /// Appends a deployment of versions whose bytes have been compared with their digests.
    func activate(
        grm: String,
        metaRM: String?,
        reason: String
    ) throws(CommandError) -> Grm_V1_ActivateReply {
        var record = DeploymentRecord()
        let judge = try version(grm)
        record.grmDigest = judge.digest
        record.grmName = judge.manifest.name
        guard judge.manifest.role != Self.filterRole else {
            throw Self.unfit(judge, expected: "a version that judges")
        }
        if let metaRM {
            let filter = try version(metaRM)
            guard filter.manifest.role == Self.filterRole else {
                throw Self.unfit(filter, expected: "the role \(Self.filterRole)")
            }
            record.metaRmDigest = filter.digest
            record.metaRmName = filter.manifest.name
        }
        return try append(record, reason: reason)
    }

    private static let filterRole = "meta-rm"

    /// A daemon would not start with it.
    private static func unfit(_ version: StoredVersion, expected: String) -> CommandError {
        CommandError(
            .usage,
            subject: version.manifest.name,
            expected: expected,
            found: "the role \(version.manifest.role)",
            advice: "import it with --role"
        )
    }

    /// Appends a record that repeats the deployment before the current one.
    func rollback(reason: String) throws(CommandError) -> Grm_V1_ActivateReply {
        let log = try storing { () throws(StoreError) in try catalogue.deployments() }
        guard log.count >= 2 else {
            throw CommandError(
                .notFound,
                subject: "the log of deployments",
                expected: "a deployment before the current one",
                found: log.isEmpty ? "no deployments" : "one deployment only"
            )
        }
        let earlier = log[log.count - 2]
        let stated = reason.isEmpty ? "rollback to deployment \(earlier.number)" : reason
        return try append(earlier, reason: stated)
    }

    private func append(
        _ wanted: DeploymentRecord,
        reason: String
    ) throws(CommandError) -> Grm_V1_ActivateReply {
        let start = ContinuousClock.now
        for digest in Set([wanted.grmDigest, wanted.metaRmDigest]) where !digest.isEmpty {
            try StoredBytes(directory).check(version(digest))
        }
        var record = wanted
        record.unixSeconds = Int64(Date().timeIntervalSince1970)
        record.uid = getuid()
        record.reason = reason
        let (previous, appended) = try storing { () throws(StoreError) in
            (try catalogue.currentDeployment(), try catalogue.appendDeployment(record))
        }
        var reply = Grm_V1_ActivateReply()
        reply.deployment = Grm_V1_Deployment(appended)
        if let previous { reply.previous = Grm_V1_Deployment(previous) }
        reply.seconds = (ContinuousClock.now - start) / .seconds(1)
        return reply
    }

    private func version(_ name: String) throws(CommandError) -> StoredVersion {
        try storing { () throws(StoreError) in try catalogue.version(name) }
    }
}
