package import Kernels

/// What the caller of an import decides.
package struct ImportOptions: Sendable, Hashable {
    /// The name of the version; without one, that of the file less its extension.
    package var name: String?
    /// The number format of all matrices; without one, what keeps the numbers of the file.
    package var format: NumberFormat?
    /// The licence; without one, what the file says.
    package var licence: String?
    /// The SHA-256 that the file must have, as 64 hexadecimal digits.
    package var expectedSHA256: String?

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
    /// Bytes of the file that have been read.
    package var bytesDone: UInt64
    /// Bytes of the file.
    package var bytesTotal: UInt64
}
