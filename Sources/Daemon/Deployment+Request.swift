package import Scoring
import Store

extension Deployment {
    /// What a request gets for the fields that it leaves unset.
    ///
    /// Where nothing says how likely a judgment is right, requests cannot ask for a filter.
    package var scoringDefaults: ScoringDefaults {
        var defaults = judge.defaults
        defaults.hasMetaRM = metaRM != nil || hasProbe
        if let metaRM {
            defaults.metaThreshold = metaRM.threshold
        } else if hasProbe, version.manifest.hasMetaThreshold {
            defaults.metaThreshold = version.manifest.metaThreshold
        }
        return defaults
    }

    /// Checks that the versions which a request expects are those that serve.
    ///
    /// - Throws: `DaemonError.versionMismatch`.
    package func check(expected request: ScoreRequest) throws(DaemonError) {
        let manifest = version.manifest
        if let expected = request.expectedGRM,
            expected != manifest.name, expected != version.digest
        {
            throw DaemonError(
                .versionMismatch,
                subject: "expected_grm",
                expected: expected,
                found: "\(manifest.name) (\(version.digest))",
                advice: "activate it, or leave expected_grm unset"
            )
        }
        guard let expected = request.expectedMetaRM else { return }
        let found = metaRM?.version
        guard let found, expected == found.manifest.name || expected == found.digest else {
            throw DaemonError(
                .versionMismatch,
                subject: "expected_meta_rm",
                expected: expected,
                found: found.map { "\($0.manifest.name) (\($0.digest))" } ?? "no meta-RM",
                advice: "activate the judge with it, or leave expected_meta_rm unset"
            )
        }
    }
}

extension DaemonError {
    /// Nothing serves.
    static var noDeployment: DaemonError {
        DaemonError(
            .noDeployment,
            subject: "deployment",
            expected: "an active version",
            found: "none",
            advice: "import a model and run grmctl activate NAME"
        )
    }
}
