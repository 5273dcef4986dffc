import Store

/// The bytes that versions have in packs, compared with the digests in their manifests.
struct StoredBytes {
    private let directory: StoreDirectory

    init(_ directory: StoreDirectory) {
        self.directory = directory
    }

    /// Compares every value of a version.
    ///
    /// - Throws: The first fault, as `corrupt`.
    func check(_ version: StoredVersion) throws(CommandError) {
        if let fault = try faults(of: version).first { throw fault }
    }

    /// All values of a version that are not what was imported.
    ///
    /// A pack that is gone is one fault.
    ///
    /// - Throws: What kept the bytes from being read.
    func faults(of version: StoredVersion) throws(CommandError) -> [CommandError] {
        let blobs = version.manifest.tensors.map(\.blob) + [version.manifest.tokenizer]
        var faults: [CommandError] = []
        for pack in version.packs {
            guard
                let map = try collecting(
                    &faults,
                    version,
                    { () throws(StoreError) in
                        try WeightMap(directory, pack: pack)
                    }
                )
            else { continue }
            for blob in blobs where blob.pack == pack {
                _ = try collecting(&faults, version) { () throws(StoreError) in
                    try map.verify(blob)
                }
            }
        }
        return faults
    }

    /// The fault of a pack as a file: also what lies between the values.
    ///
    /// - Returns: nil if every bit is as it was when the pack was sealed.
    func fault(ofPack pack: String, in version: StoredVersion) throws(CommandError) -> CommandError?
    {
        var faults: [CommandError] = []
        _ = try collecting(&faults, version) { () throws(StoreError) in
            try verifyPack(pack, in: directory)
        }
        return faults.first
    }

    /// Damage is collected; what says nothing about the bytes is thrown.
    private func collecting<Result>(
        _ faults: inout [CommandError],
        _ version: StoredVersion,
        _ body: () throws(StoreError) -> Result
    ) throws(CommandError) -> Result? {
        do throws(StoreError) {
            return try body()
        } catch {
            var fault = CommandError(error)
            guard error.code == .corrupt || error.code == .notFound else { throw fault }
            fault.code = .corrupt
            fault.subject += ", of version '\(version.manifest.name)'"
            fault.advice = "import it again under another name, and activate that"
            faults.append(fault)
            return nil
        }
    }
}
