package import Kernels
package import Store
import SwiftProtobuf

/// The weights of one decoder block, bound once.
///
/// Shapes of matrices are [output width, input width].
package struct LayerWeights: Sendable {
    package let attentionNorm: WeightVector  // [width]
    package let query: WeightMatrix  // [heads * headWidth, width]
    package let key: WeightMatrix  // [kvHeads * headWidth, width]
    package let value: WeightMatrix  // [kvHeads * headWidth, width]
    /// What is added to the three products, where the architecture has it.
    package let queryBias: WeightVector?  // [heads * headWidth]
    package let keyBias: WeightVector?  // [kvHeads * headWidth]
    package let valueBias: WeightVector?  // [kvHeads * headWidth]
    package let attentionOutput: WeightMatrix  // [width, heads * headWidth]
    package let feedForwardNorm: WeightVector  // [width]
    package let gate: WeightMatrix  // [feedForwardWidth, width]
    package let up: WeightMatrix  // [feedForwardWidth, width]
    package let down: WeightMatrix  // [width, feedForwardWidth]

    fileprivate init(_ tensors: TensorBinding, layer: Int) throws {
        let layer = "blk.\(layer)."
        attentionNorm = try tensors.vector(layer + "attn_norm.weight")
        query = try tensors.matrix(layer + "attn_q.weight")
        key = try tensors.matrix(layer + "attn_k.weight")
        value = try tensors.matrix(layer + "attn_v.weight")
        queryBias = try tensors.optionalVector(layer + "attn_q.bias")
        keyBias = try tensors.optionalVector(layer + "attn_k.bias")
        valueBias = try tensors.optionalVector(layer + "attn_v.bias")
        attentionOutput = try tensors.matrix(layer + "attn_output.weight")
        feedForwardNorm = try tensors.vector(layer + "ffn_norm.weight")
        gate = try tensors.matrix(layer + "ffn_gate.weight")
        up = try tensors.matrix(layer + "ffn_up.weight")
        down = try tensors.matrix(layer + "ffn_down.weight")
    }
}

/// All weights of a decoder, in mapped memory.
package struct DecoderWeights: Sendable {
    package let embedding: WeightMatrix  // [vocabulary, width]
    package let layers: [LayerWeights]
    package let outputNorm: WeightVector  // [width]
    package let output: WeightMatrix  // [vocabulary, width]
    /// What the version brings beside the decoder.
    package let heads: [ScalarHead.Kind: ScalarHead]

    /// The oldest format of a version that can be run: in it rows of queries and keys turn by halves.
    package static let formatVersion: UInt32 = 2

    /// Binds the tensors of a version; nothing is copied but the vectors.
    ///
    /// - Throws: `InferenceError.invalidModel` for an architecture that is not known and for a tensor
    ///   that is missing or has another shape, `StoreError` for one that cannot be read.
    package init(
        _ version: StoredVersion,
        shape: ModelShape,
        in directory: StoreDirectory
    ) throws {
        guard version.manifest.formatVersion >= Self.formatVersion else {
            throw InferenceError(
                .invalidModel,
                subject: "format of \(version.manifest.name)",
                expected: "\(Self.formatVersion); import the model again with this release",
                found: "\(version.manifest.formatVersion)"
            )
        }
        let architecture = try Architecture(named: version.manifest.architecture)
        let names = Set(version.manifest.tensors.map(\.name))
        let shapes = architecture.tensorShapes(shape).merging(
            ScalarHead.tensorShapes(shape).filter { names.contains($0.key) }
        ) { own, _ in own }
        let tensors = try TensorBinding(version, shapes: shapes, in: directory)
        embedding = try tensors.matrix("token_embd.weight")
        outputNorm = try tensors.vector("output_norm.weight")
        output = shape.tiesEmbeddings ? embedding : try tensors.matrix("output.weight")
        layers = try (0..<shape.layerCount).map { try LayerWeights(tensors, layer: $0) }
        var heads: [ScalarHead.Kind: ScalarHead] = [:]
        for kind in ScalarHead.Kind.allCases {
            guard let weight = try tensors.optionalVector(kind.weightName) else { continue }
            let bias = try tensors.optionalVector(kind.biasName)
            heads[kind] = ScalarHead(weight: weight, bias: bias?.first ?? 0)
        }
        self.heads = heads
    }

    /// The tokenizer of a version.
    ///
    /// - Throws: `InferenceError.invalidTokenizer`, or `StoreError` if it cannot be read.
    package static func tokenizer(
        of version: StoredVersion,
        in directory: StoreDirectory
    ) throws -> Tokenizer {
        let tensors = try TensorBinding(version, shapes: [:], in: directory)
        let blob = version.manifest.tokenizer
        let bytes = try tensors.map(of: blob).withBytes(of: blob) { bytes in
            // Safety: the bytes are copied in the closure.
            unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        }
        do {
            return try Tokenizer(TokenizerModel(TokenizerRecord(serializedBytes: bytes)))
        } catch let error as BinaryDecodingError {
            throw InferenceError(
                .invalidTokenizer,
                subject: "tokenizer of \(version.manifest.name)",
                expected: "a tokenizer record",
                found: "\(error)"
            )
        }
    }
}

/// The tensor table of a version beside the open packs that hold its values.
private struct TensorBinding {
    private let records: [String: TensorRecord]
    private let maps: [String: WeightMap]
    private let shapes: [String: [Int]]
    private let name: String

    /// `shapes` are those that the tensors must have; one that is not named there is not bound.
    init(
        _ version: StoredVersion,
        shapes: [String: [Int]],
        in directory: StoreDirectory
    ) throws {
        name = version.manifest.name
        self.shapes = shapes
        records = Dictionary(
            version.manifest.tensors.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var maps: [String: WeightMap] = [:]
        let packs = version.manifest.tensors.map(\.blob.pack) + [version.manifest.tokenizer.pack]
        for pack in Set(packs) {
            maps[pack] = try WeightMap(directory, pack: pack)
        }
        self.maps = maps
    }

    func map(of blob: BlobRecord) throws(InferenceError) -> WeightMap {
        guard let map = maps[blob.pack] else {
            throw InferenceError(
                .invalidModel,
                subject: "pack of \(blob.key)",
                expected: "a pack of \(name)",
                found: blob.pack
            )
        }
        return map
    }

    func matrix(_ tensor: String) throws -> WeightMatrix {
        let (record, shape) = try record(tensor, rank: 2)
        guard let format = NumberFormat(rawValue: record.format) else {
            let known = NumberFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw InferenceError(
                .invalidModel,
                subject: "format of \(tensor)",
                expected: "one of \(known); import the model again with this release",
                found: record.format
            )
        }
        let map = try map(of: record.blob)
        // Safety: the pack is sealed, and the matrix keeps the map.
        return try unsafe WeightMatrix(
            format: format,
            rows: shape[0],
            columns: shape[1],
            bytes: map.pointer(of: record.blob),
            owner: map
        )
    }

    /// A vector that the architecture may be without.
    func optionalVector(_ tensor: String) throws -> WeightVector? {
        shapes[tensor] == nil ? nil : try vector(tensor)
    }

    func vector(_ tensor: String) throws -> WeightVector {
        let (record, shape) = try record(tensor, rank: 1)
        let count = shape[0]
        guard record.format == NumberFormat.f32.rawValue, record.blob.bytes == count * 4 else {
            throw InferenceError(
                .invalidModel,
                subject: "format of \(tensor)",
                expected: "\(count) f32 values",
                found: "\(record.format), \(record.blob.bytes) bytes"
            )
        }
        return try map(of: record.blob).withBytes(of: record.blob) { bytes in
            (0..<count).map { index in
                // Safety: the load is bounds-checked by the span; every bit pattern is a float.
                let bits = unsafe bytes.unsafeLoadUnaligned(
                    fromByteOffset: index * 4,
                    as: UInt32.self
                )
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
        }
    }

    private func record(
        _ tensor: String,
        rank: Int
    ) throws(InferenceError) -> (record: TensorRecord, shape: [Int]) {
        guard let shape = shapes[tensor], shape.count == rank else {
            preconditionFailure("\(tensor) is no tensor of rank \(rank) of the architecture")
        }
        guard let record = records[tensor] else {
            throw InferenceError(
                .invalidModel,
                subject: name,
                expected: "a tensor \(tensor)",
                found: "none"
            )
        }
        guard record.shape.map(Int.init) == shape else {
            throw InferenceError(
                .invalidModel,
                subject: "shape of \(tensor)",
                expected: "\(shape)",
                found: "\(record.shape)"
            )
        }
        return (record, shape)
    }
}
