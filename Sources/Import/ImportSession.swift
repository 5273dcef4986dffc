import Store

/// One import's hold on a store: nobody else imports or collects meanwhile.
struct ImportSession: ~Copyable {
    private let lock: ImportLock
    private let catalogue: Catalogue

    /// Takes the lock and opens the catalogue.
    ///
    /// Throws: `store` with `busy` if somebody else is importing.
    init(_ directory: StoreDirectory) throws(ImportError) {
        let lock = try storing { () throws(StoreError) in try ImportLock(directory) }
        catalogue = try storing { () throws(StoreError) in
            try Catalogue(directory, access: .writing)
        }
        self.lock = lock
    }

    /// The version that has a name already.
    func version(named name: String) throws(ImportError) -> StoredVersion? {
        try storing { () throws(StoreError) in try catalogue.versions() }
            .first { $0.manifest.name == name }
    }

    /// The version with a name or digest.
    ///
    /// Throws: `store` with `notFound`.
    func version(_ nameOrDigest: String) throws(ImportError) -> StoredVersion {
        try storing { () throws(StoreError) in try catalogue.version(nameOrDigest) }
    }

    /// Adds a version, durably.
    func add(_ manifest: VersionManifest) throws(ImportError) -> StoredVersion {
        try storing { () throws(StoreError) in try catalogue.add(manifest) }
    }
}

/// Runs one call of the store and turns its error into one of an import.
func storing<Result: ~Copyable>(
    _ body: () throws(StoreError) -> Result
) throws(ImportError) -> Result {
    do {
        return try body()
    } catch {
        throw ImportError(error)
    }
}
