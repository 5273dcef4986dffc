import Foundation
import Kernels
import Testing

/// The types that have no format of the kernels' own, by the description of their blocks.
@Suite("Blocks of model files")
struct SourceBlocksTests {
    static let types: [SourceType] = [.q5_0, .q5_1, .q4_K, .q5_K, .q6_K]

    /// The values of a block, in the words of ggml's description and by nothing of ours.
    private func values(_ block: ArraySlice<UInt8>, _ type: SourceType) -> [Double] {
        let bytes = Array(block)
        func half(_ at: Int) -> Double { Double(PackedRow.half(bytes, at)) }
        func bit(_ at: Int, _ index: Int) -> Double {
            Double(bytes[at + index / 8] >> (index % 8) & 1)
        }
        func nibble(_ at: Int, _ index: Int) -> Double {
            Double(index < 16 ? bytes[at + index] & 15 : bytes[at + index - 16] >> 4)
        }
        /// Six-bit numbers of twelve bytes, as ggml's get_scale_min_k4 takes them.
        func group(_ index: Int) -> (scale: Double, minimum: Double) {
            let q = Array(bytes[4..<16])
            guard index >= 4 else { return (Double(q[index] & 63), Double(q[index + 4] & 63)) }
            return (
                Double(q[index + 4] & 15 | (q[index - 4] >> 6) << 4),
                Double(q[index + 4] >> 4 | (q[index] >> 6) << 4)
            )
        }
        func halfByte(_ at: Int, _ element: Int) -> Double {
            let byte = bytes[at + element / 64 * 32 + element % 32]
            return Double(element % 64 < 32 ? byte & 15 : byte >> 4)
        }
        switch type {
        case .q5_0:
            return (0..<32).map { half(0) * (nibble(6, $0) + 16 * bit(2, $0) - 16) }
        case .q5_1:
            return (0..<32).map { half(0) * (nibble(8, $0) + 16 * bit(4, $0)) + half(2) }
        case .q4_K:
            return (0..<256).map {
                let (scale, minimum) = group($0 / 32)
                return half(0) * scale * halfByte(16, $0) - half(2) * minimum
            }
        case .q5_K:
            return (0..<256).map {
                let (scale, minimum) = group($0 / 32)
                let fifth = Double(bytes[16 + $0 % 32] >> ($0 / 32) & 1)
                return half(0) * scale * (halfByte(48, $0) + 16 * fifth) - half(2) * minimum
            }
        case .q6_K:
            return (0..<256).map { element in
                let place = element % 128
                let low = bytes[element / 128 * 64 + place % 64]
                let high = bytes[128 + element / 128 * 32 + place % 32] >> (place / 32 * 2) & 3
                let quant = Double((place < 64 ? low & 15 : low >> 4) | high << 4) - 32
                return half(208) * Double(Int8(bitPattern: bytes[192 + element / 16])) * quant
            }
        default: return []
        }
    }

    /// Random blocks whose scales are finite and of moderate size.
    private func bytes(_ type: SourceType, blocks: Int, seed: UInt64) -> [UInt8] {
        var random = Samples(seed: seed)
        return (0..<blocks).flatMap { _ -> [UInt8] in
            var block = (0..<type.blockBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
            let tops = type == .q6_K ? [209] : type == .q5_0 ? [1] : [1, 3]
            for top in tops { block[top] = block[top] & 0x83 | 0x2c }
            return block
        }
    }

    private func expected(_ source: [UInt8], _ type: SourceType) -> [Double] {
        stride(from: 0, to: source.count, by: type.blockBytes).flatMap {
            values(source[$0..<$0 + type.blockBytes], type)
        }
    }

    @Test("values are those of the description, to the rounding of f32", arguments: types)
    func widens(type: SourceType) throws {
        let columns = 1536
        let source = bytes(type, blocks: 3 * columns / type.blockCount, seed: 1)
        let expected = expected(source, type)
        let packed = try pack(source, type: type, rows: 3, columns: columns, to: .f32)
        let found = (0..<3).flatMap {
            PackedRow(packed, .f32, rows: 3, columns: columns, row: $0).values
        }
        try #require(found.count == expected.count && !found.isEmpty)
        let peak = expected.reduce(0) { max($0, abs($1)) }
        for (value, exact) in zip(found, expected) {
            #expect(abs(value - exact) <= Reference.gamma(2) * peak)
        }
    }

    @Test("Q5_0 as int8 keeps every value")
    func carriesQ5() throws {
        let source = bytes(.q5_0, blocks: 4 * 3, seed: 2)
        let packed = try pack(source, type: .q5_0, rows: 4, columns: 96, to: .q8)
        let found = (0..<4).flatMap {
            PackedRow(packed, .q8, rows: 4, columns: 96, row: $0).values
        }
        #expect(found == expected(source, .q5_0))
    }

    @Test("Q4_K as 4 bits moves values by the rounding of a scale and a minimum alone")
    func carriesQ4() throws {
        let source = bytes(.q4_K, blocks: 4 * 2, seed: 3)
        let expected = expected(source, .q4_K)
        let packed = try pack(source, type: .q4_K, rows: 4, columns: 512, to: .q4)
        let found = (0..<4).flatMap {
            PackedRow(packed, .q4, rows: 4, columns: 512, row: $0).values
        }
        try #require(found.count == expected.count)
        for start in stride(from: 0, to: expected.count, by: 32) {
            let group = expected[start..<start + 32]
            let peak = group.reduce(0) { max($0, abs($1)) }
            // quant * scale and the minimum are both within twice the peak of their group, or cancel
            // within its spread; each is rounded by half a unit of binary16.
            let spread = (group.max() ?? 0) - (group.min() ?? 0)
            let allowed = (2 * peak + 16 * spread) * 0x1p-11
            for place in start..<start + 32 {
                #expect(abs(found[place] - expected[place]) <= allowed)
            }
        }
    }

    @Test("the rounding error is the relative root mean square distance", arguments: types)
    func measures(type: SourceType) throws {
        let source = bytes(type, blocks: 4 * 512 / type.blockCount, seed: 4)
        let expected = expected(source, type)
        for format in [NumberFormat.q8, .q4, .bf16, .f32] {
            let packed = try pack(source, type: type, rows: 4, columns: 512, to: format)
            let found = (0..<4).flatMap {
                PackedRow(packed, format, rows: 4, columns: 512, row: $0).values
            }
            let squares = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let exact = (squares / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
            let matrix = try WeightMatrix(
                copying: packed,
                format: format,
                rows: 4,
                columns: 512
            )
            let error = try matrix.roundingError(from: Data(source).bytes, type: type)
            #expect(abs(error.relative - exact) <= 1e-4 * exact + 1e-6)
            #expect(!format.keeps(type) || exact < 1e-6)
        }
    }

    @Test("a length or a width that no block divides is refused", arguments: types)
    func refuses(type: SourceType) throws {
        let source = bytes(type, blocks: 512 / type.blockCount * 2, seed: 5)
        let format = NumberFormat.packed(for: type)
        for change in [-1, 1] {
            let other = change < 0 ? Array(source.dropLast()) : source + [0]
            #expect(throws: KernelError.self) {
                try pack(other, type: type, rows: 2, columns: 512, to: format)
            }
        }
        for columns in [16, 500, 512 + type.blockCount / 2] {
            #expect(throws: KernelError.self) {
                try pack(source, type: type, rows: 2, columns: columns, to: format)
            }
        }
        let packed = try pack(source, type: type, rows: 2, columns: 512, to: format)
        let matrix = try WeightMatrix(copying: packed, format: format, rows: 2, columns: 512)
        #expect(throws: KernelError.self) {
            try matrix.roundingError(from: Data(source.dropLast()).bytes, type: type)
        }
    }
}
