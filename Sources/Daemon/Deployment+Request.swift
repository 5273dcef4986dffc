package import Scoring
import Store

extension Deployment {
    /// What a request gets for the fields that it leaves unset.
    package var scoringDefaults: ScoringDefaults { ScoringDefaults() }

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
        if let expected = request.expectedMetaRM {
            throw DaemonError(
                .versionMismatch,
                subject: "expected_meta_rm",
                expected: expected,
                found: "no meta-RM",
                advice: "leave expected_meta_rm unset"
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
