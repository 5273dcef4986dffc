import Kernels

/// The updates of a merge, and the number formats of what comes of them.
struct MergeUpdates: Sendable {
    /// By the names that matrices have in the store.
    let byName: [String: LowRankUpdate]
    /// The format asked for, or none to keep that of the stored matrix.
    let format: NumberFormat?

    /// The name of the format that a sum is packed in.
    ///
    /// Without one asked for, a 4-bit matrix becomes one of 8 bits: the steps of 4 bits are wider than
    /// most updates.
    /// Throws: `unsupported` for a stored format that is not known.
    func sumFormat(of stored: String, tensor: String) throws(ImportError) -> String {
        guard let stored = NumberFormat(rawValue: stored) else {
            throw ImportError(
                .unsupported,
                subject: "tensor \(quoted(tensor)) of the stored version",
                expected: NumberFormat.allCases.map(\.rawValue).joined(separator: ", "),
                found: quoted(stored)
            )
        }
        return (format ?? (stored == .q4 ? .q8 : stored)).rawValue
    }

    /// The length of a sum in a pack.
    ///
    /// Unit: bytes.
    func packedBytes(of tensor: String, as format: String) -> UInt64 {
        guard let update = byName[tensor], let format = NumberFormat(rawValue: format) else {
            return 0
        }
        return UInt64(format.packedBytes(rows: update.rows, columns: update.columns))
    }
}
