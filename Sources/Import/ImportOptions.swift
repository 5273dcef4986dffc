package import Kernels

/// What the caller of an import decides.
package struct ImportOptions: Sendable, Hashable {
    /// What a version is for.
    package enum Role: String, Sendable, CaseIterable {
        /// It judges.
        case grm
        /// It says how likely a judgment is right, by a scalar head.
        case metaRM = "meta-rm"
    }

    /// The name of the version; without one, that of the file or folder less its extension.
    package var name: String?
    /// The number format of all matrices that are written; without one, what keeps the numbers.
    package var format: NumberFormat?
    /// The licence; without one, what the file says.
    package var licence: String?
    /// The SHA-256 that the file or folder must have, as 64 hexadecimal digits.
    package var expectedSHA256: String?
    /// What the version is for; without one, what the version merged onto is for, or to judge.
    package var role: Role?
    /// Of a meta-RM or a probe: the probability below which judgments do not count.
    package var metaThreshold: Double?
    /// The prompt template; without one, that of the version merged onto, or grmd's own.
    package var promptTemplate: String?
    /// How the version judges where a request says nothing: a way of judging; without one, what
    /// the version merged onto has, or grmd's own.
    package var mode: String?
    /// The read-out, in the same way.
    package var readout: String?
    /// Tokens that a judgment may write before its last line, in the same way.
    package var maxJudgmentTokens: UInt32?
    /// The name or digest of the stored version that an adapter or a probe belongs to.
    package var onto: String?

    /// Makes options; everything left out follows from the file.
    package init(
        name: String? = nil,
        format: NumberFormat? = nil,
        licence: String? = nil,
        expectedSHA256: String? = nil
    ) {
        self.name = name
        self.format = format
        self.licence = licence
        self.expectedSHA256 = expectedSHA256
    }
}

/// How far an import has come.
package struct ImportProgress: Sendable, Hashable {
    /// The parts of an import, in order.
    package enum Phase: String, Sendable {
        case reading, packing, digesting, done
    }

    /// What is being done.
    package var phase: Phase
    /// The tensor that is being packed, or nothing.
    package var tensor: String
    /// Bytes of the files that have been read; of a merge, bytes of the matrices merged.
    package var bytesDone: UInt64
    /// Bytes of the files, or of the matrices to merge.
    package var bytesTotal: UInt64
}
