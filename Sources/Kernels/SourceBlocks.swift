private import CKernels

// What the blocks of a model file's tensors mean. d and m are binary16, q an unsigned number of the
// bits that the name of the type says; lengths in bytes stand in brackets. Little endian throughout.
//
//   Q4_0  d[2] q[16]             (q - 8) d        element i in the low half of byte i,
//   Q4_1  d[2] m[2] q[16]        q d + m          element 16 + i in the high half
//   Q5_0  d[2] h[4] q[16]        (q - 16) d       as above; bit i of h is bit 4 of element i
//   Q5_1  d[2] m[2] h[4] q[16]   q d + m
//   Q8_0  d[2] q[32]             q d              q is signed
//   Q4_K  d[2] m[2] s[12] q[128]                  q (d scale) - m minimum; 8 groups of 32
//   Q5_K  d[2] m[2] s[12] h[32] q[128]            the same with a fifth bit
//   Q6_K  q[128] h[64] s[16] d[2]                 (q - 32) (d s); 16 groups of 16, s signed
//
// Source: the block structures of ggml (ggml-common.h) and the Python package gguf, with which the
// tests compare.

/// Widens one row of a source tensor.
///
/// Arithmetic is in f32, in the order in which ggml does it, so that the values are ggml's.
/// Shape: [row.byteCount / type.blockBytes * type.blockCount].
///
/// Safety: `out` is checked to have room for the row.
func sourceFloats(
    of row: RawSpan,
    type: SourceType,
    into out: UnsafeMutableBufferPointer<Float>
) {
    let count = row.byteCount / type.blockBytes
    precondition(row.byteCount == count * type.blockBytes && out.count == count * type.blockCount)
    guard count > 0, let start = out.baseAddress else { return }
    // Safety: `count` blocks lie in the row and `count` blocks of floats in `out`, checked above.
    unsafe row.withUnsafeBytes { bytes in
        for block in 0..<count {
            let source = unsafe BlockSource(bytes: bytes, offset: block * type.blockBytes)
            let target = unsafe start + block * type.blockCount
            switch type {
            case .f32: unsafe target.pointee = Float(bitPattern: source.integer(0, UInt32.self))
            case .f16: unsafe target.pointee = source.half(0)
            case .bf16:
                let bits = unsafe UInt32(source.integer(0, UInt16.self)) << 16
                unsafe target.pointee = Float(bitPattern: bits)
            case .q8_0: unsafe source.widenQ8(into: target)
            case .q4_0: unsafe source.widenQ4(minimum: -8 * source.half(0), at: 2, into: target)
            case .q4_1: unsafe source.widenQ4(minimum: source.half(2), at: 4, into: target)
            case .q5_0: unsafe source.widenQ5(minimum: -16 * source.half(0), at: 2, into: target)
            case .q5_1: unsafe source.widenQ5(minimum: source.half(2), at: 4, into: target)
            case .q4_K: unsafe source.widenQ4K(into: target)
            case .q5_K: unsafe source.widenQ5K(into: target)
            case .q6_K: unsafe source.widenQ6K(into: target)
            }
        }
    }
}

/// The values of one row of a source tensor.
func floats(of row: RawSpan, type: SourceType) -> [Float] {
    let count = row.byteCount / type.blockBytes * type.blockCount
    // Safety: `sourceFloats` fills the whole buffer.
    return unsafe [Float](unsafeUninitializedCapacity: count) { out, filled in
        unsafe sourceFloats(
            of: row,
            type: type,
            into: UnsafeMutableBufferPointer(rebasing: out[..<count])
        )
        filled = count
    }
}

// What follows is for blocks that a format of the kernels takes over quant by quant.

/// Bits of a binary16.
func half(_ bytes: RawSpan, _ at: Int) -> UInt16 {
    // Safety: the load is bounds-checked by the span; every bit pattern is an integer.
    unsafe UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self))
}

/// Element `index` of the Q5_0 block at an offset, less 16: with the block's scale as it is, Q5_0 is
/// int8 with a scale per 32.
func q5_0Quant(_ row: RawSpan, _ at: Int, _ index: Int) -> Int8 {
    // Safety: the loads are bounds-checked by the span.
    let high = unsafe row.unsafeLoad(fromByteOffset: at + 2 + index / 8, as: UInt8.self)
    let pair = unsafe row.unsafeLoad(fromByteOffset: at + 6 + index % 16, as: UInt8.self)
    let low = index < 16 ? pair & 15 : pair >> 4
    return Int8(low | (high >> UInt8(index % 8) & 1) << 4) - 16
}

/// Element `index` of a group of the Q4_K block at an offset.
func q4KQuant(_ row: RawSpan, _ at: Int, group: Int, _ index: Int) -> UInt8 {
    // Safety: the load is bounds-checked by the span.
    let pair = unsafe row.unsafeLoad(
        fromByteOffset: at + 16 + group / 2 * 32 + index,
        as: UInt8.self
    )
    return group.isMultiple(of: 2) ? pair & 15 : pair >> 4
}

/// Scale and minimum of a group of the Q4_K block at an offset, as binary16 that are added.
///
/// A group of Q4_K is quant * (d * scale) - m * minimum, which is what the 4-bit format is: the quants
/// stay, and only the two products are rounded.
func q4KScales(_ row: RawSpan, _ at: Int, group: Int) -> (scale: UInt16, minimum: UInt16) {
    // Safety: `extracting` traps outside the row; the block is whole.
    unsafe row.extracting(at..<at + SourceType.q4_K.blockBytes).withUnsafeBytes { bytes in
        let source = unsafe BlockSource(bytes: bytes, offset: 0)
        let (scale, minimum) = unsafe source.scaleAndMinimum(group)
        return (ck_float_to_half(scale), ck_float_to_half(-minimum))
    }
}

/// One block of a source tensor.
///
/// Safety: whoever makes one has checked that the whole block lies in `bytes`; every function below
/// stays inside the block, and writes as many floats as the block has elements.
@unsafe private struct BlockSource {
    let bytes: UnsafeRawBufferPointer
    let offset: Int

    @inline(__always)
    func integer<Value: FixedWidthInteger>(_ at: Int, _ type: Value.Type) -> Value {
        unsafe Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + at, as: type))
    }

    @inline(__always)
    func half(_ at: Int) -> Float { unsafe ck_half_to_float(integer(at, UInt16.self)) }

    @inline(__always)
    func byte(_ at: Int) -> UInt8 { unsafe integer(at, UInt8.self) }

    func widenQ8(into out: UnsafeMutablePointer<Float>) {
        let scale = unsafe half(0)
        for index in 0..<32 {
            unsafe out[index] = scale * Float(integer(2 + index, Int8.self))
        }
    }

    func widenQ4(minimum: Float, at start: Int, into out: UnsafeMutablePointer<Float>) {
        let scale = unsafe half(0)
        for index in 0..<16 {
            let pair = unsafe byte(start + index)
            unsafe out[index] = Float(pair & 15) * scale + minimum
            unsafe out[16 + index] = Float(pair >> 4) * scale + minimum
        }
    }

    func widenQ5(minimum: Float, at start: Int, into out: UnsafeMutablePointer<Float>) {
        let scale = unsafe half(0)
        let high = unsafe integer(start, UInt32.self)
        for index in 0..<16 {
            let pair = unsafe UInt32(byte(start + 4 + index))
            let low = pair & 15 | (high >> UInt32(index) & 1) << 4
            let top = pair >> 4 | (high >> UInt32(16 + index) & 1) << 4
            unsafe out[index] = Float(low) * scale + minimum
            unsafe out[16 + index] = Float(top) * scale + minimum
        }
    }

    /// Scale and minimum of a group of Q4_K or Q5_K: six bits each, in twelve bytes.
    ///
    /// Bytes 0...3 hold the scales 0...3 and bytes 4...7 the minimums 0...3, in their low six bits;
    /// bytes 8...11 hold the low four bits of the scales and minimums 4...7, whose upper two bits are
    /// those that are left over in bytes 0...7.
    @inline(__always)
    func scaleAndMinimum(_ group: Int) -> (scale: Float, minimum: Float) {
        let d = unsafe half(0)
        let m = unsafe half(2)
        let first = unsafe byte(4 + group % 4)
        let second = unsafe byte(8 + group % 4)
        guard group >= 4 else {
            return (d * Float(first & 63), m * Float(second & 63))
        }
        let low = unsafe byte(12 + group % 4)
        let scale = low & 15 | (first >> 6) << 4
        let minimum = low >> 4 | (second >> 6) << 4
        return (d * Float(scale), m * Float(minimum))
    }

    func widenQ4K(into out: UnsafeMutablePointer<Float>) {
        for pair in 0..<4 {
            let low = unsafe scaleAndMinimum(2 * pair)
            let high = unsafe scaleAndMinimum(2 * pair + 1)
            let target = unsafe out + 64 * pair
            for index in 0..<32 {
                let quants = unsafe byte(16 + 32 * pair + index)
                unsafe target[index] = low.scale * Float(quants & 15) - low.minimum
                unsafe target[32 + index] = high.scale * Float(quants >> 4) - high.minimum
            }
        }
    }

    func widenQ5K(into out: UnsafeMutablePointer<Float>) {
        for pair in 0..<4 {
            let low = unsafe scaleAndMinimum(2 * pair)
            let high = unsafe scaleAndMinimum(2 * pair + 1)
            let target = unsafe out + 64 * pair
            for index in 0..<32 {
                let quants = unsafe byte(48 + 32 * pair + index)
                let bits = unsafe byte(16 + index) >> UInt8(2 * pair)
                let first = Float(quants & 15 | (bits & 1) << 4)
                let second = Float(quants >> 4 | (bits >> 1 & 1) << 4)
                unsafe target[index] = low.scale * first - low.minimum
                unsafe target[32 + index] = high.scale * second - high.minimum
            }
        }
    }

    func widenQ6K(into out: UnsafeMutablePointer<Float>) {
        let d = unsafe half(208)
        for part in 0..<2 {
            for quarter in 0..<4 {
                let target = unsafe out + 128 * part + 32 * quarter
                for index in 0..<32 {
                    let low = unsafe byte(64 * part + 32 * (quarter % 2) + index)
                    let high = unsafe byte(128 + 32 * part + index) >> UInt8(2 * quarter) & 3
                    let group = 8 * part + 2 * quarter + index / 16
                    let scale = unsafe d * Float(integer(192 + group, Int8.self))
                    let quant = (quarter < 2 ? low & 15 : low >> 4) | high << 4
                    unsafe target[index] = scale * Float(Int(quant) - 32)
                }
            }
        }
    }
}
