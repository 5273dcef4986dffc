import Inference
import Kernels

/// What one tensor of a file becomes in the store.
struct TensorPlan: Sendable {
    /// The tensor of the file.
    let tensor: SourceTensor
    /// The number format in the pack; vectors are always 32-bit floats.
    let format: NumberFormat
    /// The width of the heads whose rows are put from neighbouring pairs into halves, if they are.
    let pairedHeadWidth: Int?
    /// Whether a number that is infinite or not a number is refused.
    let isChecked: Bool

    /// Decides the format of one tensor.
    ///
    /// Every width of a model that the engine runs is a multiple of the block of a format.
    ///
    /// - Parameters:
    ///   - tensor: The tensor of the file.
    ///   - format: The format asked for, or none to keep the numbers of the file.
    ///   - pairedHeadWidth: The width of a head, if the rows are in neighbouring pairs.
    ///   - isChecked: Whether every number has to be finite.
    /// - Throws: `limit` if the result does not fit into one value of the store.
    init(
        _ tensor: SourceTensor,
        format: NumberFormat?,
        pairedHeadWidth: Int?,
        isChecked: Bool
    ) throws(ImportError) {
        self.tensor = tensor
        self.pairedHeadWidth = pairedHeadWidth
        self.isChecked = isChecked
        self.format = tensor.shape.count == 1 ? .f32 : format ?? .packed(for: tensor.type)
        guard UInt64(packedBytes) <= ImportLimits.tensorBytes else {
            throw ImportError(
                .limit,
                subject: "tensor \(quoted(tensor.name))",
                expected: "at most \(ImportLimits.tensorBytes) bytes as \(self.format.rawValue)",
                found: "\(packedBytes)"
            )
        }
    }

    /// The number of rows; one for a vector.
    var rows: Int { tensor.shape.dropLast().reduce(1, *) }

    /// The number of columns; of a vector, its elements.
    var columns: Int { tensor.shape.last ?? 1 }

    /// The rows of a matrix; of a vector, its elements.
    var outputCount: Int { tensor.shape.first ?? 1 }

    /// Whether numbers are rounded on the way.
    var rounds: Bool { !format.keeps(tensor.type) }

    /// The length in the pack.
    var packedBytes: Int { format.packedBytes(rows: rows, columns: columns) }
}
