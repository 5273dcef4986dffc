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
        writer = try storing { () throws(StoreError) in
            try PackWriter(in: directory, bytesExpected: bytesExpected)
        }
    }

    /// Reads one tensor, packs it and writes it.
    ///
    /// Throws: `badFormat` if the kernels refuse it, or if it is checked and not finite; what reading
    /// and the store throw.
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
            if plan.isChecked { try checkFinite(bytes, plan.tensor.type) }
            packed = try pack(plan, bytes)
            if plan.rounds { try measure(plan, packed, against: bytes) }
        } catch {
            throw source.error(.badFormat, subject, expected: error.expected, found: error.found)
        }
        try append(Data(packed), key: plan.tensor.name)
    }

    /// Adds an update to a stored matrix and writes the sum.
    ///
    /// The stored bytes are verified first, so that damage does not get into a new version.
    /// - Parameters:
    ///   - stored: The record of the matrix.
    ///   - format: The name of the format of the sum.
    ///   - updates: Those of the merge, one for this matrix among them.
    ///   - map: The pack that has the matrix.
    /// - Throws: `store` with `corrupt`; `badFormat` for a sum that the format cannot hold.
    mutating func append(
        _ stored: TensorRecord,
        as format: String,
        _ updates: MergeUpdates,
        from map: WeightMap
    ) throws(ImportError) {
        guard let update = updates.byName[stored.name],
            let storedFormat = NumberFormat(rawValue: stored.format),
            let sumFormat = NumberFormat(rawValue: format)
        else { preconditionFailure("\(stored.name) was not planned") }
        try storing { () throws(StoreError) in try map.verify(stored.blob) }
        let packed: [UInt8]
        do {
            let sum = try map.withBytes(of: stored.blob) { bytes in
                try update.merged(into: bytes, format: storedFormat, as: sumFormat)
            }
            packed = sum.packed
            let key = RoundedTensors(type: ImportOptions.mergedSourceType, format: sumFormat)
            if sumFormat != .f32 { errors[key, default: RoundingError()].add(sum.rounding) }
        } catch {
            throw mergeError(error, stored.name)
        }
        try append(Data(packed), key: stored.name)
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
        guard !plan.isChecked || error.squaredError.isFinite else {
            throw KernelError(
                "numbers",
                expected: "numbers that \(plan.format.rawValue) can hold",
                found: "larger ones"
            )
        }
        let key = RoundedTensors(type: plan.tensor.type.name, format: plan.format)
        errors[key, default: RoundingError()].add(error)
    }

    /// What rounding did to the numbers so far: one record for each type and format.
    var rounding: [RoundingRecord] {
        errors.sorted { $0.key.order < $1.key.order }.map { key, error in
            var record = RoundingRecord()
            record.sourceType = key.type
            record.format = key.format.rawValue
            record.relativeError = error.relative
            return record
        }
    }

    /// Writes a value that is no tensor of a file.
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

    /// Ends the pack of a whole model with what does not come from its tensor data.
    ///
    /// - Returns: The manifest of the version.
    /// - Throws: what the store throws.
    consuming func seal(
        _ plan: ImportPlan,
        source: SourceRecord
    ) throws(ImportError) -> VersionManifest {
        for vector in plan.vectors { try append(vector.bytes, key: vector.name) }
        try append(plan.tokenizerBytes(), key: tokenizerKey)
        let rounding = rounding
        return plan.manifest(source: source, blobs: try seal(), rounding: rounding)
    }
}

/// The tensors of one type that were rounded to one format.
private struct RoundedTensors: Hashable {
    let type: String
    let format: NumberFormat

    /// Where the type stands among those of GGUF; behind them, what has none.
    var order: UInt32 {
        SourceType.allCases.first { $0.name == type }?.rawValue ?? .max
    }
}

private func checkFinite(_ bytes: Data, _ type: SourceType) throws(KernelError) {
    guard let place = try firstNonFinite(in: bytes.bytes, type: type) else { return }
    throw KernelError(
        "numbers",
        expected: "finite numbers",
        found: "one that is infinite or not a number, at \(place)"
    )
}

private func pack(_ plan: TensorPlan, _ bytes: Data) throws(KernelError) -> [UInt8] {
    let type = plan.tensor.type
    if plan.tensor.shape.count == 1 {
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

private func mergeError(_ error: any Error, _ tensor: String) -> ImportError {
    switch error {
    case let error as StoreError: ImportError(error)
    case let error as KernelError:
        ImportError(
            .badFormat,
            subject: "tensor \(quoted(tensor)): \(error.subject)",
            expected: error.expected,
            found: error.found
        )
    default:
        ImportError(
            .unreadable,
            subject: "tensor \(quoted(tensor))",
            expected: "its bytes in the store",
            found: "\(error)"
        )
    }
}

extension TensorPlan {
    /// The record of the manifest, less the place in a pack.
    var record: TensorRecord {
        var record = TensorRecord()
        record.name = tensor.name
        record.format = format.rawValue
        record.shape = tensor.shape.map { UInt32($0) }
        record.sourceType = tensor.type.name
        return record
    }
}
