import Inference
package import Store

/// The second model of a deployment: it reads a judgment and says how likely it is right.
///
/// Source: arXiv 2504.02495, section 4 (meta-RM guided voting).
package struct MetaRM: Sendable {
    /// Its place among the engine's models.
    package static let place = 1

    package let version: StoredVersion
    /// How it is prompted: by a template and a tokenizer of its own.
    package let judge: Judge
    /// The calibrated probability below which judgments do not count; nil where none was found.
    package let threshold: Double?

    /// Reads what a version says of itself; no weights.
    ///
    /// - Throws: `DaemonError.versionUnusable` for a version that is no meta-RM; `InferenceError`,
    ///   `ScoringError` or `StoreError` for one that cannot be used.
    package init(_ version: StoredVersion, in directory: StoreDirectory) throws {
        let manifest = version.manifest
        guard manifest.role == Self.role else {
            throw Self.error(manifest.name, expected: "the role \(Self.role)", found: manifest.role)
        }
        judge = try Judge(version, in: directory)
        guard judge.heads.contains(.score) else {
            throw Self.error(manifest.name, expected: "a scalar head", found: "none")
        }
        self.version = version
        threshold = manifest.hasMetaThreshold ? manifest.metaThreshold : nil
    }

    /// The role of such versions in their manifests.
    package static let role = "meta-rm"

    private static func error(_ name: String, expected: String, found: String) -> DaemonError {
        DaemonError(
            .versionUnusable,
            subject: "meta-RM \(name)",
            expected: "a version with \(expected)",
            found: found.isEmpty ? "none" : found,
            advice: "import a model for sequence classification with --role \(role)"
        )
    }
}
