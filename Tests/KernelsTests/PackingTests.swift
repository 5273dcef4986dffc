import Kernels
import Testing

@Suite("Packing of model files")
struct PackingTests {
    /// The values of a file's tensor, by the description of its format and by nothing of ours.
    private func values(_ bytes: [UInt8], _ type: SourceType) -> [Double] {
        stride(from: 0, to: bytes.count, by: type.blockBytes).flatMap { at -> [Double] in
            func half(_ offset: Int) -> Double { Double(PackedRow.half(bytes, at + offset)) }
            func nibbles(_ offset: Int) -> [Double] {
                let pairs = bytes[at + offset..<at + offset + 16]
                return pairs.map { Double($0 & 15) } + pairs.map { Double($0 >> 4) }
            }
            switch type {
            case .f32: return [Double(Float(bitPattern: PackedRow.integer(bytes[at..<at + 4])))]
            case .f16: return [half(0)]
            case .bf16:
                return [Double(Float(bitPattern: PackedRow.integer(bytes[at..<at + 2]) << 16))]
            case .q8_0:
                return bytes[at + 2..<at + 34].map { half(0) * Double(Int8(bitPattern: $0)) }
            case .q4_0: return nibbles(2).map { half(0) * ($0 - 8) }
            case .q4_1: return nibbles(4).map { half(0) * $0 + half(2) }
            default: return []  // SourceBlocksTests has the others
            }
        }
    }

    /// Random bytes of a type; scales and numbers are finite and of moderate size.
    private func bytes(_ type: SourceType, _ count: Int, _ random: inout Samples) -> [UInt8] {
        (0..<count / type.blockCount).flatMap { _ -> [UInt8] in
            var block = (0..<type.blockBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
            switch type {
            case .f32: return littleEndian(random.floats(1))
            case .f16, .q4_0, .q8_0: block[1] = block[1] & 0x83 | 0x2c
            case .bf16: block[1] = block[1] & 0x80 | 0x3f
            case .q4_1:
                block[1] = block[1] & 0x83 | 0x2c
                block[3] = block[3] & 0x83 | 0x2c
            default: break
            }
            return block
        }
    }

    @Test(
        "a format of its own and f32 keep every value of a type",
        arguments: [SourceType.f32, .f16, .bf16, .q8_0, .q4_0, .q4_1]
    )
    func keeps(type: SourceType) throws {
        var random = Samples(seed: UInt64(type.rawValue))
        let source = bytes(type, 6 * 96, &random)
        let expected = values(source, type)
        for format in [NumberFormat.packed(for: type), .f32] {
            let packed = try pack(
                source,
                type: type,
                rows: 6,
                columns: 96,
                to: format
            )
            #expect(packed.count == format.packedBytes(rows: 6, columns: 96))
            let found = (0..<6).flatMap {
                PackedRow(packed, format, rows: 6, columns: 96, row: $0).values
            }
            #expect(found.count == expected.count)
            for (value, exact) in zip(found, expected) {
                // Only Q4_1 as f32 rounds: a product and a sum of f32.
                let rounds = type == .q4_1 && format == .f32
                #expect(abs(value - exact) <= (rounds ? Reference.gamma(2) * 20 : 0))
            }
        }
    }

    @Test("every binary16 number widens to itself")
    func halves() throws {
        let all = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let packed = try pack(all, type: .f16, rows: 2048, columns: 32, to: .f32)
        for pattern in 0...UInt16.max {
            let at = 4 * Int(pattern)
            let found = Float(bitPattern: PackedRow.integer(packed[at..<at + 4]))
            let expected = Float(Float16(bitPattern: pattern))
            #expect(found == expected || found.isNaN && expected.isNaN)
        }
    }

    @Test("rounding to bf16 takes the nearest, and the even one of two")
    func bfloats() throws {
        var random = Samples(seed: 3)
        var source = random.floats(60)
        // Exactly between two: to 1 and to 1 + 2^-6.
        source += [1 + 0x1p-8, 1 + 3 * 0x1p-8, -(1 + 0x1p-8), 3.4e38]
        let packed = try pack(
            littleEndian(source),
            type: .f32,
            rows: 1,
            columns: 64,
            to: .bf16
        )
        let found = PackedRow(packed, .bf16, rows: 1, columns: 64, row: 0).values
        for (value, exact) in zip(found, source).prefix(60) {
            #expect(abs(value - Double(exact)) <= abs(Double(exact)) * 0x1p-8)
        }
        #expect(Array(found[60...]) == [1, 1 + 0x1p-6, -1, .infinity])
    }

    @Test("rounding to q8 and q4 is within half a step of the block's own scale")
    func blocks() throws {
        var random = Samples(seed: 4)
        let source = random.floats(40 * 64) + [Float](repeating: 0, count: 64)
        for format in [NumberFormat.q8, .q4] {
            let packed = try pack(
                littleEndian(source),
                type: .f32,
                rows: 41,
                columns: 64,
                to: format
            )
            for row in 0..<41 {
                let found = PackedRow(packed, format, rows: 41, columns: 64, row: row)
                for (column, value) in found.values.enumerated() {
                    let start = row * 64 + column / 32 * 32
                    let peak = source[start..<start + 32].reduce(0) { max($0, abs(Double($1))) }
                    // Half a step, and what scale and minimum lose as binary16.
                    let step = Double(found.scales[column / 32])
                    let allowed = step / 2 + 3 * peak * 0x1p-11
                    #expect(abs(value - Double(source[row * 64 + column])) <= allowed)
                }
            }
        }
    }

    /// The largest of a block is 127 times its scale: the stored scale shows the conversion.
    @Test("scales round to the nearest binary16, also where that is subnormal")
    func scales() throws {
        for exponent in -30...15 {
            for fraction: Float in [1, 1.000_488, 1.000_489, 1.5, 1.999_755, 1.999_8] {
                let scale = fraction * Float(sign: .plus, exponent: exponent, significand: 1)
                var block = [Float](repeating: 0, count: 32)
                block[9] = 127 * scale
                let packed = try pack(
                    littleEndian(block),
                    type: .f32,
                    rows: 1,
                    columns: 32,
                    to: .q8
                )
                #expect(PackedRow.half(packed, 0) == Float(Float16(block[9] / 127)))
            }
        }
    }

    @Test("lengths and shapes that do not fit are refused by name")
    func refusals() {
        let bytes = [UInt8](repeating: 0, count: 128)
        func refusal(
            _ type: SourceType,
            _ rows: Int,
            _ columns: Int,
            _ format: NumberFormat
        ) -> String? {
            do throws(KernelError) {
                _ = try pack(bytes, type: type, rows: rows, columns: columns, to: format)
                return nil
            } catch {
                return error.subject
            }
        }
        #expect(refusal(.f32, 1, 32, .f32) == nil)
        #expect(refusal(.f32, 1, 33, .f32) == "matrix bytes")
        #expect(refusal(.f32, 2, 16, .q8) == "matrix columns")
        #expect(refusal(.q4_0, 1, 16, .f32) == "matrix columns")
        #expect(refusal(.f32, 0, 32, .f32) == "matrix shape")
        #expect(refusal(.f32, 1, 1 << 20, .f32) == "matrix shape")
        #expect(refusal(.f32, -1, -32, .f32) == "matrix shape")
    }

    @Test("a matrix takes no bytes but those of its shape")
    func binding() {
        #expect(throws: KernelError.self) {
            try WeightMatrix(
                copying: .init(repeating: 0, count: 127),
                format: .f32,
                rows: 1,
                columns: 32
            )
        }
        #expect(throws: KernelError.self) {
            try WeightMatrix(
                copying: .init(repeating: 0, count: 40),
                format: .q8,
                rows: 1,
                columns: 40
            )
        }
    }
}
