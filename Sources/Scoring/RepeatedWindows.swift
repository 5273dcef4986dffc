/// How much of a text stood earlier in it.
///
/// Every window of 8 bytes (in texts of 256 bytes or more: 32, since long natural texts repeat
/// short runs) is looked up among those before it by a hash; the share of those that were found
/// is about 0.1 for prose of any length, and (m - 1) / m for one piece written m times.
///
/// Cost: linear in the bytes; two bytes of memory for each.
struct RepeatedWindows {
    /// Windows found earlier, as a share of all; 0 for a text shorter than a window.
    ///
    /// Two windows that only share a hash count as equal, which adds at most 1/16.
    let share: Double

    init(_ bytes: ArraySlice<UInt8>) {
        let width = bytes.count < 256 ? 8 : 32
        guard bytes.count >= width else {
            share = 0
            return
        }
        let text = Array(bytes)
        var table = BitTable(capacity: text.count)
        var hash: UInt64 = 0
        let leaving = (0..<width).reduce(UInt64(1)) { power, _ in power &* Self.radix }
        var repeated = 0
        for (index, byte) in text.enumerated() {
            hash = hash &* Self.radix &+ UInt64(byte) &+ 1
            if index >= width { hash &-= leaving &* (UInt64(text[index - width]) &+ 1) }
            if index >= width - 1, !table.insert(hash) { repeated += 1 }
        }
        share = Double(repeated) / Double(text.count - width + 1)
    }

    private static let radix: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A set of hashes that keeps one bit of each.
    private struct BitTable {
        private var words: [UInt64]
        private let shift: UInt64

        init(capacity: Int) {
            var bits: UInt64 = 6
            while (1 << bits) < 16 * capacity { bits += 1 }
            words = Array(repeating: 0, count: 1 << (bits - 6))
            shift = 64 - bits
        }

        /// Puts a hash in and says whether it was new.
        mutating func insert(_ hash: UInt64) -> Bool {
            var mixed = hash
            mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
            mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
            let place = mixed >> shift
            let bit: UInt64 = 1 << (place & 63)
            let word = Int(place >> 6)
            defer { words[word] |= bit }
            return words[word] & bit == 0
        }
    }
}
