import Kernels

/// What one tensor of the file becomes in the store.
struct TensorPlan: Sendable {
    /// The tensor of the file.
    let tensor: GGUFTensor
    /// The number format in the pack; vectors are always 32-bit floats.
    let format: NumberFormat

    /// Decides the format of one tensor and checks that it can hold the tensor.
    ///
    /// - Parameters:
    ///   - tensor: The tensor of the file.
    ///   - format: The format asked for, or none to keep the numbers of the file.
    ///   - file: The file, for error texts.
    /// - Throws: `unsupported` if its rows do not divide into the blocks of the format, `limit` if the
    ///   result does not fit into one value of the store.
    init(_ tensor: GGUFTensor, format: NumberFormat?, of file: GGUFFile) throws(ImportError) {
        self.tensor = tensor
        self.format = tensor.dimensions.count == 1 ? .f32 : format ?? .packed(for: tensor.type)
        let columns = tensor.dimensions[0]
        let isBlocked = self.format == .q8 || self.format == .q4
        guard !isBlocked || columns % NumberFormat.blockCount == 0 else {
            throw file.error(
                .unsupported,
                "tensor \(quoted(tensor.name))",
                expected:
                    "rows of whole blocks of \(NumberFormat.blockCount) for \(self.format.rawValue)",
                found: "rows of \(columns)"
            )
        }
        guard UInt64(packedBytes) <= ImportLimits.tensorBytes else {
            throw file.error(
                .limit,
                "tensor \(quoted(tensor.name))",
                expected: "at most \(ImportLimits.tensorBytes) bytes as \(self.format.rawValue)",
                found: "\(packedBytes)"
            )
        }
    }

    /// The number of rows; one for a vector.
    var rows: Int { tensor.dimensions.dropFirst().reduce(1, *) }

    /// The number of columns; of a vector, its elements.
    var columns: Int { tensor.dimensions[0] }

    /// The length in the pack.
    var packedBytes: Int { format.packedBytes(rows: rows, columns: columns) }
}
