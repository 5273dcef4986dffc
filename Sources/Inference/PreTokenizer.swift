/// How text is cut into words before the merges of byte-level BPE are applied.
///
/// In the first two, words are runs of letters, of numbers, of white space or of anything else; a run
/// other than white space takes one space before it along, and the English contractions after an
/// apostrophe are words of their own. The last scalar of a run of white space is left for the next
/// word, unless nothing follows.
/// Source: the GPT-2 release (its split pattern) and the `Digits` step of Hugging Face tokenizers.
package enum PreTokenizer: String, Sendable, CaseIterable {
    /// Numbers form runs.
    case gpt2 = "gpt-2"
    /// Every number is a word alone, cut out before anything else is looked at.
    case smollm = "smollm"
    /// The words of Qwen2, after a normalisation to NFC (`endOfQwen2Word`).
    case qwen2 = "qwen2"

    /// Whether text is brought to the normal form NFC before it is cut.
    var normalizes: Bool { self == .qwen2 }

    /// The end of the word that starts at an offset of a text's UTF-8.
    ///
    /// - Parameters:
    ///   - start: The offset of a scalar that is not past the end.
    ///   - bytes: Valid UTF-8.
    /// - Returns: The offset after the word, more than `start`.
    /// Cost: linear in the length of the word.
    package func endOfWord(from start: Int, in bytes: [UInt8]) -> Int {
        if self == .qwen2 { return endOfQwen2Word(from: start, in: bytes) }
        let first = ScannedScalar(at: start, in: bytes)
        switch first.kind {
        case .number:
            return splitsNumbers ? first.end : endOfRun(of: .number, from: first.end, in: bytes)
        case .letter:
            return endOfRun(of: .letter, from: first.end, in: bytes)
        case .other:
            return endOfContraction(from: start, in: bytes, ignoresCase: false)
                ?? endOfRun(of: .other, from: first.end, in: bytes)
        case .space:
            return endOfSpace(from: start, first: first, in: bytes)
        }
    }

    private var splitsNumbers: Bool { self == .smollm }

    func endOfRun(of kind: ScalarKind, from start: Int, in bytes: [UInt8]) -> Int {
        var end = start
        while end < bytes.count {
            let next = ScannedScalar(at: end, in: bytes)
            guard next.kind == kind else { break }
            end = next.end
        }
        return end
    }

    /// White space: one space joins the run after it, else the run, less its last scalar if a run follows.
    private func endOfSpace(from start: Int, first: ScannedScalar, in bytes: [UInt8]) -> Int {
        var last = start
        var end = first.end
        while end < bytes.count {
            let next = ScannedScalar(at: end, in: bytes)
            if next.kind == .space {
                last = end
                end = next.end
                continue
            }
            // Where numbers are cut out first, a number after white space is the end of the text.
            if next.kind == .number, splitsNumbers { return end }
            if last > start { return last }
            guard bytes[start] == UInt8(ascii: " ") else { return end }
            return endOfRun(of: next.kind, from: next.end, in: bytes)
        }
        return end
    }

    /// The end of 's, 't, 'm, 'd, 're, 've or 'll at an offset, if one of them is there.
    func endOfContraction(from start: Int, in bytes: [UInt8], ignoresCase: Bool) -> Int? {
        guard bytes[start] == UInt8(ascii: "'") else { return nil }
        func letter(_ place: Int) -> UInt8 {
            guard place < bytes.count else { return 0 }
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[place])
            return ignoresCase && isCapital ? bytes[place] | 0x20 : bytes[place]
        }
        switch (letter(start + 1), letter(start + 2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _),
            (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default:
            // The long s is a small form of S too.
            let isLongS = bytes[(start + 1)...].starts(with: [0xC5, 0xBF])
            return ignoresCase && isLongS ? start + 3 : nil
        }
    }
}

/// One scalar of a text in UTF-8: where it ends and what kind of scalar it is.
struct ScannedScalar {
    let end: Int
    let kind: ScalarKind

    /// Reads the scalar at an offset of valid UTF-8.
    init(at offset: Int, in bytes: [UInt8]) {
        let lead = bytes[offset]
        if lead < 0x80 {
            end = offset + 1
            kind = ScalarKind(ascii: lead)
            return
        }
        let trailing = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3
        var value = UInt32(lead) & (0x3F >> UInt32(trailing))
        for byte in bytes[(offset + 1)...(offset + trailing)] {
            value = value << 6 | UInt32(byte & 0x3F)
        }
        end = offset + trailing + 1
        kind = Unicode.Scalar(value).map(ScalarKind.init(of:)) ?? .other
    }
}
