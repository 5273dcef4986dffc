/// What the entries of the catalogue are, and how they are read and checked.
enum CatalogueRecords {
    static let formatKey = Array("format_version".utf8)
    static let versionPrefix = Array("v/".utf8)
    static let namePrefix = Array("n/".utf8)
    static let deploymentPrefix = Array("d/".utf8)

    /// The format that the catalogue says it has; nil if it is empty.
    static func formatVersion(
        _ transaction: borrowing Transaction,
        _ subject: String
    ) throws(StoreError) -> UInt32? {
        guard let record = try transaction.value(formatKey) else {
            guard try transaction.entries([]).isEmpty else {
                throw StoreError(
                    .corrupt,
                    subject,
                    expected: "the key format_version",
                    found: "other keys only"
                )
            }
            return nil
        }
        let content = try RecordFormat.unseal(record, "format_version of \(subject)")
        let text = String(decoding: content, as: UTF8.self)
        guard let version = UInt32(text), version > 0 else {
            throw StoreError(
                .corrupt,
                "format_version of \(subject)",
                expected: "a number",
                found: "'\(text)'"
            )
        }
        return version
    }

    static func put(
        _ key: [UInt8],
        _ content: [UInt8],
        _ transaction: borrowing Transaction
    ) throws(StoreError) {
        try transaction.add(key, try RecordFormat.seal(content))
    }

    static func versions(
        _ transaction: borrowing Transaction
    ) throws(StoreError) -> [StoredVersion] {
        var found: [StoredVersion] = []
        for entry in try transaction.entries(versionPrefix) {
            let digest = String(decoding: entry.key.dropFirst(versionPrefix.count), as: UTF8.self)
            found.append(try version(digest, entry.value))
        }
        // A name's record leads to exactly one manifest, and a manifest has exactly one name: so a
        // record that got lost is noticed from the other side.
        var names: [String: String] = [:]
        for entry in try transaction.entries(namePrefix) {
            let name = String(decoding: entry.key.dropFirst(namePrefix.count), as: UTF8.self)
            names[name] = try digest(entry.value, name)
        }
        let expected = found.map { "\($0.manifest.name) = \($0.digest)" }.sorted()
        let stored = names.map { "\($0.key) = \($0.value)" }.sorted()
        guard expected == stored else {
            throw StoreError(
                .corrupt,
                "the names of the catalogue",
                expected: expected.joined(separator: ", "),
                found: stored.joined(separator: ", ")
            )
        }
        return found.sorted { $0.manifest.name < $1.manifest.name }
    }

    static func version(
        _ digest: String,
        _ record: [UInt8]
    ) throws(StoreError) -> StoredVersion {
        let subject = "version \(digest)"
        let content = try RecordFormat.unseal(record, subject)
        let found = hexadecimal(RecordFormat.sha256(content))
        guard found == digest else {
            throw StoreError(.corrupt, subject, expected: "a manifest with it", found: found)
        }
        let manifest: VersionManifest = try RecordFormat.decode(content, subject)
        guard manifest.formatVersion <= RecordFormat.version else {
            throw StoreError(
                .tooNew,
                subject,
                expected: "format \(RecordFormat.version) or older",
                found: "format \(manifest.formatVersion)"
            )
        }
        return StoredVersion(digest: digest, manifest: manifest)
    }

    static func digest(_ record: [UInt8], _ name: String) throws(StoreError) -> String {
        String(decoding: try RecordFormat.unseal(record, "the name '\(name)'"), as: UTF8.self)
    }

    static func namedVersion(
        _ name: String,
        _ transaction: borrowing Transaction
    ) throws(StoreError) -> StoredVersion? {
        guard let record = try transaction.value(namePrefix + Array(name.utf8)) else { return nil }
        let digest = try digest(record, name)
        guard let manifest = try transaction.value(versionPrefix + Array(digest.utf8)) else {
            throw StoreError(
                .corrupt,
                "the name '\(name)'",
                expected: "a version \(digest)",
                found: "none"
            )
        }
        return try version(digest, manifest)
    }

    static func deploymentKey(_ number: UInt64) -> [UInt8] {
        deploymentPrefix + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    static func deployments(
        _ transaction: borrowing Transaction
    ) throws(StoreError) -> [DeploymentRecord] {
        var log: [DeploymentRecord] = []
        for entry in try transaction.entries(deploymentPrefix) {
            let deployment = try deployment(entry)
            guard deployment.number == log.count + 1 else {
                throw StoreError(
                    .corrupt,
                    "the deployment log",
                    expected: "number \(log.count + 1)",
                    found: "number \(deployment.number)"
                )
            }
            log.append(deployment)
        }
        return log
    }

    static func lastDeployment(
        _ transaction: borrowing Transaction
    ) throws(StoreError) -> DeploymentRecord? {
        guard let entry = try transaction.lastEntry(deploymentPrefix) else { return nil }
        return try deployment(entry)
    }

    static func deployment(
        _ entry: Transaction.Entry
    ) throws(StoreError) -> DeploymentRecord {
        let subject = "deployment \(hexadecimal(entry.key.dropFirst(deploymentPrefix.count)))"
        let content = try RecordFormat.unseal(entry.value, subject)
        let record: DeploymentRecord = try RecordFormat.decode(content, subject)
        guard entry.key == deploymentKey(record.number) else {
            throw StoreError(
                .corrupt,
                subject,
                expected: "a record with this number",
                found: "number \(record.number)"
            )
        }
        return record
    }
}
