extension PrincipleSetRecord {
    /// The meta score that a set is taken to have had once before any judgment used it.
    ///
    /// The middle of 0...1:
    /// an untried set stands above those that did badly and below those that did well, and one lucky
    /// judgment does not lift a set above one that did well often.
    package static let priorMetaScore = 0.5
    /// Principles of one set: more than a judge can weigh.
    package static let principleCountMax = 32
    /// Bytes of one principle: a criterion is a sentence or two.
    package static let principleBytesMax = 2048

    /// How good the set has proven to be: the mean meta score, with the prior as one more score.
    package var merit: Double {
        let count = Double(metaCount)
        return (metaScore * count + Self.priorMetaScore) / (count + 1)
    }

    /// Whether this set stands before another of its key: pinned ones first, then by merit, then the
    /// newer one.
    package func isBetter(than other: PrincipleSetRecord) -> Bool {
        if pinned != other.pinned { return pinned }
        if merit != other.merit { return merit > other.merit }
        if createdUnixSeconds != other.createdUnixSeconds {
            return createdUnixSeconds > other.createdUnixSeconds
        }
        return id < other.id
    }

    /// The id of a set: what its principles say and weigh, so that one id never names two texts.
    ///
    /// - Returns: 16 lower-case hex digits.
    package static func id(of principles: [PrincipleRecord]) -> String {
        var bytes: [UInt8] = []
        func add(_ number: UInt64) {
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        for principle in principles {
            add(UInt64(principle.text.utf8.count))
            bytes += principle.text.utf8
            // As messages carry it, so that an exported set has its id again when it is imported.
            add(principle.hasWeight ? UInt64(Float(principle.weight).bitPattern) : .max)
        }
        return String(hexadecimal(RecordFormat.sha256(bytes)).prefix(16))
    }

    /// Checks what comes from a judge, an operator or a file; nothing else is kept or given out.
    ///
    /// Throws: `invalid`, naming the principle and the limit.
    package func check() throws(StoreError) {
        try require(
            (1...Self.principleCountMax).contains(principles.count),
            "principles",
            "1 to \(Self.principleCountMax)",
            "\(principles.count)"
        )
        for (index, principle) in principles.enumerated() {
            try principle.check("principle \(index + 1)")
        }
        let weighted = principles.count { $0.weight > 0 }
        try require(
            weighted == 0 || weighted == principles.count,
            "the weights",
            "a weight on every principle or on none",
            "\(weighted) of \(principles.count) weighted"
        )
        try require(metaScore.isFinite, "the meta score", "a finite number", "\(metaScore)")
        for digest in [grmDigest, templateDigest] {
            try require(
                digest.isEmpty || RecordFormat.isDigest(digest),
                "the digests of model and template",
                "64 lower-case hex digits",
                "other text"
            )
        }
    }

    private func require(
        _ isSo: Bool,
        _ subject: String,
        _ expected: String,
        _ found: String
    ) throws(StoreError) {
        guard isSo else { throw StoreError(.invalid, subject, expected: expected, found: found) }
    }
}

extension PrincipleRecord {
    fileprivate func check(_ subject: String) throws(StoreError) {
        let limit = PrincipleSetRecord.principleBytesMax
        guard text.utf8.count <= limit, Self.hasVisibleText(text) else {
            throw StoreError(
                .invalid,
                subject,
                expected: "visible text of at most \(limit) bytes",
                found: text.utf8.count > limit ? "\(text.utf8.count) bytes" : "none"
            )
        }
        guard Float(weight).isFinite, weight >= 0 else {
            throw StoreError(
                .invalid,
                "the weight of \(subject)",
                expected: "a finite number, 0 or above",
                found: "\(weight)"
            )
        }
    }

    /// Whether at least one character shows on a page.
    private static func hasVisibleText(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else {
                return false
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .unassigned, .spaceSeparator, .lineSeparator,
                .paragraphSeparator:
                return false
            default:
                return true
            }
        }
    }
}
