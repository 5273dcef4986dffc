import Foundation
import SwiftProtobuf

/// The list of model versions and the log of deployments, in one small durable LMDB environment.
///
/// Keys: `format_version`; `v/<digest>` for a manifest; `n/<name>` for the digest of a name;
/// `d/<number, 8 bytes big-endian>` for a deployment. Every value is a `Sealed` message.
/// Entries are added and never changed.
package final class Catalogue: Sendable {
    /// What a holder of the catalogue means to do.
    package enum Access: Sendable {
        /// Reads only; the file stays as it is.
        case reading
        /// Reads and adds; makes the catalogue if there is none.
        case writing
    }

    private let directory: StoreDirectory
    private let environment: Environment
    private let access: Access

    private static let longestNameBytes = 200

    /// Opens the catalogue of a store and clears the slots of readers that have died.
    ///
    /// Throws: `tooNew` if a later release wrote it, with nothing changed; `notFound` when reading
    /// what is not there; `permission` where readers cannot be registered; `corrupt`.
    package init(_ directory: StoreDirectory, access: Access) throws(StoreError) {
        let folder = directory.cataloguePath
        let isThere = FileManager.default.fileExists(atPath: folder + "/data.mdb")
        guard isThere || access == .writing else {
            throw StoreError(
                .notFound,
                folder,
                expected: "a catalogue; an import makes one",
                found: "none"
            )
        }
        if isThere { _ = try PackFile.extent(of: folder + "/data.mdb") }
        self.directory = directory
        self.access = access
        environment = try Environment(folder, .catalogue(writing: access == .writing))
        _ = try environment.checkReaders()
        try checkFormat()
    }

    /// All versions, sorted by name.
    ///
    /// Throws: `corrupt` if any record is not what was written.
    package func versions() throws(StoreError) -> [StoredVersion] {
        try CatalogueRecords.versions(Transaction(reading: environment))
    }

    /// The version with this name, or with the one digest that begins with these 8 or more hex digits.
    ///
    /// Throws: `notFound`, which says what names there are; `invalid` for a prefix of two digests.
    package func version(_ nameOrDigest: String) throws(StoreError) -> StoredVersion {
        // By its keys first: damage to another version must not hide this one.
        if let exact = try exactVersion(nameOrDigest) { return exact }
        let all = try versions()
        let isPrefix = nameOrDigest.utf8.count >= 8 && RecordFormat.isHex(nameOrDigest)
        let matches = isPrefix ? all.filter { $0.digest.hasPrefix(nameOrDigest) } : []
        guard matches.count <= 1 else {
            throw StoreError(
                .invalid,
                "version '\(nameOrDigest)'",
                expected: "the beginning of one digest",
                found: matches.map(\.digest).joined(separator: ", ")
            )
        }
        guard let match = matches.first else {
            let names = all.map(\.manifest.name).joined(separator: ", ")
            throw StoreError(
                .notFound,
                "version '\(nameOrDigest)'",
                expected: "a name, or 8 or more digits of a digest",
                found: all.isEmpty ? "no versions at all" : "only \(names)"
            )
        }
        return match
    }

    private func exactVersion(_ nameOrDigest: String) throws(StoreError) -> StoredVersion? {
        // LMDB has no keys of 512 bytes or more.
        guard nameOrDigest.utf8.count <= Self.longestNameBytes else { return nil }
        let transaction = try Transaction(reading: environment)
        if let named = try CatalogueRecords.namedVersion(nameOrDigest, transaction) {
            return named
        }
        let key = CatalogueRecords.versionPrefix + Array(nameOrDigest.utf8)
        return try transaction.value(key).map { (record) throws(StoreError) in
            try CatalogueRecords.version(nameOrDigest, record)
        }
    }

    /// Adds a version, durably.
    ///
    /// The same version under the same name may be added again, whenever and by whatever release it
    /// was imported: what is stored already is returned.
    /// Throws: `alreadyExists` if the name stands for something else; `notFound` if a pack that the
    /// manifest names is missing; `invalid` for a name that cannot be one; `busy`, `noSpace`, `full`.
    package func add(_ manifest: VersionManifest) throws(StoreError) -> StoredVersion {
        try checkName(manifest.name)
        let bytes = try RecordFormat.encode(manifest, "version '\(manifest.name)'")
        let added = StoredVersion(
            digest: hexadecimal(RecordFormat.sha256(bytes)),
            manifest: manifest
        )
        try checkPacks(of: added)
        let folder = try lockForWriting()
        let transaction = try Transaction(writing: environment)
        if let known = try CatalogueRecords.namedVersion(manifest.name, transaction) {
            guard known.manifest.isSameModel(as: manifest) else {
                throw StoreError(
                    .alreadyExists,
                    "version '\(manifest.name)'",
                    expected: "a name not in use",
                    found: "another version with digest \(known.digest)"
                )
            }
            return known
        }
        try CatalogueRecords.put(
            CatalogueRecords.versionPrefix + Array(added.digest.utf8),
            bytes,
            transaction
        )
        let nameKey = CatalogueRecords.namePrefix + Array(manifest.name.utf8)
        try CatalogueRecords.put(nameKey, Array(added.digest.utf8), transaction)
        try transaction.commit()
        _ = consume folder
        return added
    }

    /// The log of deployments, oldest first; their numbers are 1, 2, 3 and so on.
    package func deployments() throws(StoreError) -> [DeploymentRecord] {
        try CatalogueRecords.deployments(Transaction(reading: environment))
    }

    /// The last record of the log, which says what runs; nil before the first deployment.
    package func currentDeployment() throws(StoreError) -> DeploymentRecord? {
        try CatalogueRecords.lastDeployment(Transaction(reading: environment))
    }

    /// Appends to the log, durably; the number is one more than the last.
    ///
    /// - Returns: The record with its number.
    /// Throws: `notFound` if the catalogue has no version with one of the digests; `busy`, `noSpace`.
    package func appendDeployment(
        _ record: DeploymentRecord
    ) throws(StoreError) -> DeploymentRecord {
        let folder = try lockForWriting()
        let transaction = try Transaction(writing: environment)
        for digest in [record.grmDigest, record.metaRmDigest] where !digest.isEmpty {
            guard try transaction.value(CatalogueRecords.versionPrefix + Array(digest.utf8)) != nil
            else {
                throw StoreError(
                    .notFound,
                    "deployment of version \(digest)",
                    expected: "a version of the catalogue",
                    found: "none with this digest"
                )
            }
        }
        var numbered = record
        numbered.number = (try CatalogueRecords.lastDeployment(transaction)?.number ?? 0) + 1
        let bytes = try RecordFormat.encode(numbered, "deployment \(numbered.number)")
        try CatalogueRecords.put(
            CatalogueRecords.deploymentKey(numbered.number),
            bytes,
            transaction
        )
        try transaction.commit()
        _ = consume folder
        return numbered
    }

    /// Clears the reader slots of processes that have died, which keep old pages from being used again.
    ///
    /// - Returns: How many there were.
    package func checkReaders() throws(StoreError) -> Int {
        try environment.checkReaders()
    }
}

// MARK: - Checks

extension Catalogue {
    private func checkFormat() throws(StoreError) {
        let subject = directory.cataloguePath
        if let version = try CatalogueRecords.formatVersion(
            Transaction(reading: environment),
            subject
        ) {
            guard version <= RecordFormat.version else {
                throw StoreError(
                    .tooNew,
                    subject,
                    expected: "format \(RecordFormat.version) or older",
                    found: "format \(version)"
                )
            }
            return
        }
        guard access == .writing else { return }
        let folder = try lockForWriting()
        let transaction = try Transaction(writing: environment)
        // Another process may have been first.
        guard try transaction.value(CatalogueRecords.formatKey) == nil else { return }
        try CatalogueRecords.put(
            CatalogueRecords.formatKey,
            Array(String(RecordFormat.version).utf8),
            transaction
        )
        try transaction.commit()
        try folder.sync()
    }

    /// Keeps LMDB's own lock free: waiting for that one has no time limit.
    private func lockForWriting() throws(StoreError) -> Folder {
        guard access == .writing else {
            throw StoreError(
                .permission,
                directory.cataloguePath,
                expected: "a catalogue opened for writing",
                found: "one opened for reading"
            )
        }
        return try Folder.locked(directory.cataloguePath, "changing the catalogue")
    }

    /// Names are shown, typed and put into logs, and must not be taken for digests.
    private func checkName(_ name: String) throws(StoreError) {
        let punctuation = Set("._:@+/-".utf8)
        let letters = name.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte)
        }
        let isPlain = zip(name.utf8, letters).allSatisfy { $1 || punctuation.contains($0) }
        guard name.utf8.count <= Self.longestNameBytes, letters.first == true, isPlain else {
            throw StoreError(
                .invalid,
                "the name '\(name)'",
                expected: "up to \(Self.longestNameBytes) letters, digits and ._:@+/-, "
                    + "beginning with a letter or digit",
                found: name.isEmpty ? "no name" : "another character, or more of them"
            )
        }
        guard name.utf8.count < 8 || !RecordFormat.isHex(name) else {
            throw StoreError(
                .invalid,
                "the name '\(name)'",
                expected: "a name that is not a digest",
                found: "8 or more hex digits and nothing else"
            )
        }
    }

    private func checkPacks(of version: StoredVersion) throws(StoreError) {
        let format = version.manifest.formatVersion
        guard format <= RecordFormat.version else {
            throw StoreError(
                .tooNew,
                "version '\(version.manifest.name)'",
                expected: "format \(RecordFormat.version) or older",
                found: "format \(format)"
            )
        }
        for pack in version.packs {
            guard RecordFormat.isDigest(pack) else {
                throw StoreError(
                    .invalid,
                    "pack '\(pack)' of version '\(version.manifest.name)'",
                    expected: "64 lower-case hex digits",
                    found: "other text"
                )
            }
            _ = try PackFile.extent(of: directory.packPath(pack))
        }
    }
}

extension VersionManifest {
    /// Whether two manifests differ in nothing but when, and by which release, they were imported.
    fileprivate func isSameModel(as other: VersionManifest) -> Bool {
        var (left, right) = (self, other)
        left.importedUnixSeconds = 0
        right.importedUnixSeconds = 0
        left.importer = ""
        right.importer = ""
        return left == right
    }
}
