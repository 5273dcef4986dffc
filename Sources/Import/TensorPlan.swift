import Inference
import Kernels

/// What one tensor of the file becomes in the store.
struct TensorPlan: Sendable {
    /// The tensor of the file.
    let tensor: GGUFTensor
    /// The number format in the pack; vectors are always 32-bit floats.
    let format: NumberFormat
    /// The width of the heads whose rows are put from neighbouring pairs into halves, if they are.
    let pairedHeadWidth: Int?

    /// Decides the format and the row order of one tensor.
    ///
    /// Every width of a model that the engine runs is a multiple of the block of a format.
    ///
    /// - Parameters:
    ///   - tensor: The tensor of the file.
    ///   - format: The format asked for, or none to keep the numbers of the file.
    ///   - model: The model that the tensor belongs to.
    ///   - file: The file, for error texts.
    /// - Throws: `limit` if the result does not fit into one value of the store.
    init(
        _ tensor: GGUFTensor,
        format: NumberFormat?,
        of model: GGUFModel,
        in file: GGUFFile
    ) throws(ImportError) {
        self.tensor = tensor
        pairedHeadWidth =
            model.architecture.turnsNeighbours(tensor) ? model.shape.headWidth : nil
        self.format = tensor.dimensions.count == 1 ? .f32 : format ?? .packed(for: tensor.type)
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

    /// The rows of a matrix; of a vector, its elements.
    var outputCount: Int { tensor.dimensions.last ?? 1 }

    /// Whether numbers are rounded on the way.
    var rounds: Bool { !format.keeps(tensor.type) }

    /// The length in the pack.
    var packedBytes: Int { format.packedBytes(rows: rows, columns: columns) }
}
