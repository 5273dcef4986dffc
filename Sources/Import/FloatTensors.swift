import Foundation
import Kernels

/// The tensors of a small safetensors file, all of them, as finite floats.
struct FloatTensors: Sendable {
    /// One tensor.
    struct Tensor: Sendable {
        /// Rows, then columns.
        let shape: [Int]
        /// Row by row.
        let values: [Float]
        /// The type in the file.
        let type: SourceType
    }

    /// The name of the file, for error texts.
    let fileName: String
    /// The tensors by name.
    let tensors: [String: Tensor]

    /// Reads a file whole and adds its digest to others.
    ///
    /// Throws: what opening and reading throws; `limit` for one over `ImportLimits.adapterBytes`;
    /// `badFormat` for a number that is not finite.
    init(at path: String, _ digests: inout SourceDigests) throws(ImportError) {
        var source = try SourceFile(opening: path)
        fileName = source.name
        guard source.byteCount <= ImportLimits.adapterBytes else {
            throw source.error(
                .limit,
                "the file",
                expected: "at most \(ImportLimits.adapterBytes) bytes",
                found: "\(source.byteCount)"
            )
        }
        var tensors: [String: Tensor] = [:]
        for tensor in try SafetensorsFile(reading: &source).tensors {
            tensors[tensor.name] = try source.readFloats(tensor)
        }
        self.tensors = tensors
        let (name, bytes) = (source.name, source.byteCount)
        digests.add(name, sha256: try source.finish(), bytes: bytes)
    }

    /// An error about one tensor.
    func error(
        _ code: ImportError.Code,
        _ tensor: String,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(
            code,
            subject: "\(fileName): tensor \(quoted(tensor))",
            expected: expected,
            found: found
        )
    }

    /// A tensor that has to be there in one of two shapes.
    func tensor(_ name: String, shapes: [[Int]]) throws(ImportError) -> Tensor {
        let expected = shapes.map { "\($0)" }.joined(separator: " or ")
        guard let tensor = tensors[name] else {
            throw error(
                .badFormat,
                name,
                expected: "the tensor, of shape \(expected)",
                found: "a file without it"
            )
        }
        guard shapes.contains(tensor.shape) else {
            throw error(
                .badFormat,
                name,
                expected: "shape \(expected)",
                found: "\(tensor.shape)"
            )
        }
        return tensor
    }
}

extension SourceFile {
    fileprivate mutating func readFloats(
        _ tensor: SafetensorsTensor
    ) throws(ImportError) -> FloatTensors.Tensor {
        let subject = "tensor \(quoted(tensor.name))"
        let bytes = try readBytes(tensor.byteCount, of: subject)
        let values: [Float]
        do throws(KernelError) {
            values = try widened(bytes.bytes, type: tensor.type)
        } catch {
            throw self.error(.badFormat, subject, expected: error.expected, found: error.found)
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw error(
                .badFormat,
                subject,
                expected: "finite numbers",
                found: "\(values[place]) at \(place)"
            )
        }
        return FloatTensors.Tensor(shape: tensor.shape, values: values, type: tensor.type)
    }
}
