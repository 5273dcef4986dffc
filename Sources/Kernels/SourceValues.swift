/// Widens numbers of a model file to 32-bit floats.
///
/// Shape: [bytes.byteCount / type.blockBytes * type.blockCount].
///
/// - Throws: `KernelError` unless `bytes` are whole blocks.
package func widened(_ bytes: RawSpan, type: SourceType) throws(KernelError) -> [Float] {
    try checkBlocks(bytes, type)
    return floats(of: bytes, type: type)
}

/// The index of the first number of a model file's tensor that is infinite or not a number.
///
/// - Throws: `KernelError` unless `bytes` are whole blocks.
///
/// Cost: one pass; memory for some thousand floats.
package func firstNonFinite(
    in bytes: RawSpan,
    type: SourceType
) throws(KernelError) -> Int? {
    try checkBlocks(bytes, type)
    let partBytes = 4_096 * type.blockBytes
    var start = 0
    while start < bytes.byteCount {
        let end = min(start + partBytes, bytes.byteCount)
        let values = floats(of: bytes.extracting(start..<end), type: type)
        // A sum of finite doubles of this size stays finite, and nothing makes a number of infinity.
        let isFinite = values.reduce(0.0) { $0 + Double($1) }.isFinite
        if !isFinite, let place = values.firstIndex(where: { !$0.isFinite }) {
            return start / type.blockBytes * type.blockCount + place
        }
        start = end
    }
    return nil
}

private func checkBlocks(_ bytes: RawSpan, _ type: SourceType) throws(KernelError) {
    guard bytes.byteCount.isMultiple(of: type.blockBytes) else {
        throw KernelError(
            "tensor bytes",
            expected: "a multiple of \(type.blockBytes) for \(type.name)",
            found: "\(bytes.byteCount)"
        )
    }
}
