import Foundation
import Inference

extension Architecture {
    /// Whether the rows of a tensor of a GGUF file are queries or keys of neighbouring pairs.
    func turnsNeighbours(_ tensor: GGUFTensor) -> Bool {
        guard rotaryRows == .neighbours else { return false }
        let parts = tensor.name.split(separator: ".")
        return parts.contains("attn_q") || parts.contains("attn_k")
    }
}

/// Puts the rows of queries or keys from neighbouring pairs into halves.
///
/// Row 2i + s of a head becomes row s * headWidth / 2 + i of it. Rows are moved as they stand in the
/// file; a bias has rows of one number.
///
/// - Precondition: whole heads of an even width.
///
/// Cost: one copy.
func rowsInHalves(_ bytes: Data, rows: Int, headWidth: Int) -> Data {
    precondition(rows.isMultiple(of: headWidth) && headWidth.isMultiple(of: 2))
    precondition(bytes.count.isMultiple(of: rows))
    let rowBytes = bytes.count / rows
    var result = Data(capacity: bytes.count)
    for head in stride(from: 0, to: rows, by: headWidth) {
        for half in 0..<2 {
            for pair in 0..<headWidth / 2 {
                let start = bytes.startIndex + (head + 2 * pair + half) * rowBytes
                result.append(bytes[start..<start + rowBytes])
            }
        }
    }
    return result
}
