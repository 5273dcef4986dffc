import Scoring
import Store

extension ScoringDefaults {
    /// The defaults of a version: its own where it has them.
    ///
    /// - Throws: `ScoringError` with `versionUnusable` for a way or a read-out that this release
    ///   does not know.
    init(_ generation: GenerationDefaults) throws(ScoringError) {
        self.init()
        if !generation.mode.isEmpty {
            mode = try Self.value(generation.mode, of: "the version's way of judging")
        }
        if !generation.readout.isEmpty {
            readout = try Self.value(generation.readout, of: "the version's read-out")
        }
        if generation.hasMaxJudgmentTokens {
            maxJudgmentTokens = Int(generation.maxJudgmentTokens)
        }
    }

    private static func value<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of subject: String
    ) throws(ScoringError) -> Value {
        guard let value = Value(rawValue: name) else {
            throw ScoringError(
                .versionUnusable,
                subject: subject,
                expected: Value.allCases.map(\.rawValue).joined(separator: ", "),
                found: "'\(name.prefix(40))'",
                advice: "import the version again with this release"
            )
        }
        return value
    }
}
