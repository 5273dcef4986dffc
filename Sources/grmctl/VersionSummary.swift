import Wire

/// One line of a list of versions.
typealias VersionSummary = Grm_V1_VersionSummary

extension Grm_V1_Deployment {
    /// The deployment as one line for people.
    var line: String {
        let metaRM = hasMetaRm ? ", meta-RM \(metaRm.line)" : ""
        let reason = reason.isEmpty ? "" : ": \(printable(reason, keepsLines: false))"
        return "\(number), GRM \(grm.line)\(metaRM), activated "
            + "\(Figures.time(activatedUnixSeconds)) by user \(activatedByUid)\(reason)"
    }
}

extension Grm_V1_VersionReference {
    var line: String { "\(printable(name, keepsLines: false)) (\(Figures.digest(digest)))" }
}
