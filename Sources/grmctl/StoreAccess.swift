import Foundation
import Store
import Wire

/// The model store that a command works on, without a daemon.
struct StoreAccess: Sendable {
    let path: String

    /// The store, which has to be there.
    func existing() throws(CommandError) -> StoreDirectory {
        do throws(StoreError) {
            return try StoreDirectory(existingAt: path)
        } catch {
            var failure = CommandError(error)
            if error.code == .notFound {
                failure.found = "none"
                failure.advice = "import a model first, or name another store with --state"
            }
            throw failure
        }
    }

    /// The store to write to, which has to be there.
    func writable() throws(CommandError) -> StoreDirectory {
        try checkOwner()
        return try existing()
    }

    /// The store to write to, made if it is not there.
    func created() throws(CommandError) -> StoreDirectory {
        try checkOwner()
        return try storing { () throws(StoreError) in try StoreDirectory(creatingAt: path) }
    }

    /// All versions as summaries, sorted by name.
    func summaries() throws(CommandError) -> [VersionSummary] {
        let directory = try existing()
        guard try !isEmpty(directory) else { return [] }
        let (versions, current) = try storing { () throws(StoreError) in
            let catalogue = try Catalogue(directory, access: .reading)
            return (try catalogue.versions(), try catalogue.currentDeployment())
        }
        return versions.map { VersionSummary($0, current: current) }
    }

    /// Whether no import ever reached its first tensor: then there is no catalogue yet either.
    private func isEmpty(_ directory: StoreDirectory) throws(CommandError) -> Bool {
        do throws(StoreError) {
            _ = try Catalogue(directory, access: .reading)
            return false
        } catch {
            guard error.code == .notFound else { throw CommandError(error) }
        }
        let packs = (directory.packPath("") as NSString).deletingLastPathComponent
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: packs)
            guard !names.contains(where: { $0.hasSuffix(".mdb") }) else {
                throw CommandError(
                    .corrupt,
                    subject: directory.path,
                    expected: "a catalogue beside the packs",
                    found: "packs only",
                    advice: "restore the catalogue, or import the models again"
                )
            }
            return true
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(
                .failed,
                subject: packs,
                expected: "a folder that can be listed",
                found: error.localizedDescription
            )
        }
    }

    /// Root may write anywhere, but what it writes belongs to root, and the daemon does not.
    private func checkOwner() throws(CommandError) {
        guard geteuid() == 0,
            // A store that is not there yet has no owner that could be a different one.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let owner = attributes[.ownerAccountID] as? NSNumber, owner.uint32Value != 0
        else { return }
        let name = attributes[.ownerAccountName] as? String ?? "#\(owner)"
        throw CommandError(
            .permission,
            subject: path,
            expected: "its owner, \(name)",
            found: "root, whose files grmd could not use",
            advice: "run it as `sudo -u \(name) grmctl ...`"
        )
    }
}
