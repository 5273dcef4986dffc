import Foundation
import Kernels
import Store

/// A pack in the making: tensors go in as a file has them and lie there as the kernels read them.
struct PackedTensors: ~Copyable {
    private var writer: PackWriter
    private var errors: [RoundedTensors: RoundingError] = [:]

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
    /// Cost: memory for the tensor twice as it is in the file and twice as it is in the pack.
    mutating func append(_ plan: TensorPlan, from source: inout SourceFile) throws(ImportError) {
        let subject = "tensor \(quoted(plan.tensor.name))"
        try source.skip(to: plan.tensor.offset)
        var bytes = try source.readBytes(plan.tensor.byteCount, of: subject)
        if let headWidth = plan.pairedHeadWidth {
            bytes = rowsInHalves(bytes, rows: plan.outputCount, headWidth: headWidth)
        }
        let packed: [UInt8]
        do {
            packed = try pack(plan, bytes)
            if plan.rounds { try measure(plan, packed, against: bytes) }
        } catch {
            throw source.error(.badFormat, subject, expected: error.expected, found: error.found)
        }
        try append(Data(packed), key: plan.tensor.name)
    }

    private mutating func measure(
        _ plan: TensorPlan,
        _ packed: [UInt8],
        against bytes: Data
    ) throws(KernelError) {
        let matrix = try WeightMatrix(
            copying: packed,
            format: plan.format,
            rows: plan.rows,
            columns: plan.columns
        )
        let error = try matrix.roundingError(from: bytes.bytes, type: plan.tensor.type)
        let key = RoundedTensors(type: plan.tensor.type, format: plan.format)
        errors[key, default: RoundingError()].add(error)
    }

    /// What rounding did to the numbers so far: one record for each type and format, sorted.
    var rounding: [RoundingRecord] {
        errors.sorted { $0.key.type.rawValue < $1.key.type.rawValue }.map { key, error in
            var record = RoundingRecord()
            record.sourceType = key.type.name
            record.format = key.format.rawValue
            record.relativeError = error.relative
            return record
        }
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

/// The tensors of one type that were rounded to one format.
private struct RoundedTensors: Hashable {
    let type: SourceType
    let format: NumberFormat
}

private func pack(_ plan: TensorPlan, _ bytes: Data) throws(KernelError) -> [UInt8] {
    let type = plan.tensor.type
    if plan.tensor.dimensions.count == 1 {
        return try packVector(bytes.bytes, type: type, count: plan.columns)
    }
    return try packMatrix(
        bytes.bytes,
        type: type,
        rows: plan.rows,
        columns: plan.columns,
        to: plan.format
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
