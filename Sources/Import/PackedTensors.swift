import Foundation
import Kernels
import Store

/// A pack in the making: tensors go in as a file has them and lie there as the kernels read them.
struct PackedTensors: ~Copyable {
    private var writer: PackWriter

    /// Starts a pack; it goes with the value unless it is sealed.
    ///
    /// Throws: what the store throws, such as `noSpace`.
    init(in directory: StoreDirectory, bytesExpected: UInt64) throws(ImportError) {
        do {
            writer = try PackWriter(in: directory, bytesExpected: bytesExpected)
        } catch {
            throw ImportError(error)
        }
    }

    /// Reads one tensor, packs it and writes it.
    ///
    /// Throws: `badFormat` if the kernels refuse it; what reading and the store throw.
    /// Cost: memory for the tensor as it is in the file and twice as it is in the pack.
    mutating func append(_ plan: TensorPlan, from source: inout SourceFile) throws(ImportError) {
        let subject = "tensor \(quoted(plan.tensor.name))"
        try source.skip(to: plan.tensor.offset)
        let bytes = try source.readBytes(plan.tensor.byteCount, of: subject)
        let packed: Data
        do {
            packed = try pack(plan, bytes)
        } catch {
            throw source.error(.badFormat, subject, expected: error.expected, found: error.found)
        }
        try append(packed, key: plan.tensor.name)
    }

    /// Writes a value that is no tensor.
    ///
    /// Throws: what the store throws.
    mutating func append(_ value: Data, key: String) throws(ImportError) {
        do {
            try writer.append(key: key, bytes: value.bytes)
        } catch {
            throw ImportError(error)
        }
    }

    /// Ends the pack, so that it can be read but no longer changed.
    ///
    /// - Returns: Where each value lies, by key.
    /// - Throws: what the store throws.
    consuming func seal() throws(ImportError) -> [String: BlobRecord] {
        do {
            return try writer.seal()
        } catch {
            throw ImportError(error)
        }
    }
}

private func pack(_ plan: TensorPlan, _ bytes: Data) throws(KernelError) -> Data {
    let type = plan.tensor.type
    if plan.tensor.dimensions.count == 1 {
        return Data(try packVector(bytes.bytes, type: type, count: plan.columns))
    }
    return Data(
        try packMatrix(
            bytes.bytes,
            type: type,
            rows: plan.rows,
            columns: plan.columns,
            to: plan.format
        )
    )
}

extension TensorPlan {
    /// The record of the manifest, less the place in a pack.
    var record: TensorRecord {
        var record = TensorRecord()
        record.name = tensor.name
        record.format = format.rawValue
        record.shape = tensor.dimensions.reversed().map { UInt32($0) }
        record.sourceType = tensor.type.name
        return record
    }
}
