/// A version in the catalogue, with the digest that identifies it.
package struct StoredVersion: Sendable, Equatable {
    /// SHA-256 of the manifest's bytes as they are stored, in lower-case hex.
    package let digest: String
    /// The manifest.
    package let manifest: VersionManifest

    /// Joins a manifest and the digest of its stored bytes.
    package init(digest: String, manifest: VersionManifest) {
        self.digest = digest
        self.manifest = manifest
    }

    /// The digests of all packs that the version's values lie in, each once, sorted.
    package var packs: [String] {
        let named = manifest.tensors.map(\.blob.pack) + [manifest.tokenizer.pack]
        return Set(named).subtracting([""]).sorted()
    }
}
