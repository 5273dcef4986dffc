extension PreTokenizer {
    /// The end of the word that starts at an offset, where the words are those of Qwen2.
    ///
    /// The first of these that fits:
    /// 1. an English contraction after an apostrophe, in small or capital letters;
    /// 2. letters, with one scalar before them that is no letter, number or line end;
    /// 3. one number;
    /// 4. scalars of no other kind, with one space before and all line ends after them;
    /// 5. white space up to the last line end in it;
    /// 6. white space, less its last scalar if a word follows, but at least one scalar.
    ///
    /// Source: the split pattern in the tokenizer of the Qwen2 release.
    func endOfQwen2Word(from start: Int, in bytes: [UInt8]) -> Int {
        let first = ScannedScalar(at: start, in: bytes)
        if let end = endOfContraction(from: start, in: bytes, ignoresCase: true) { return end }
        switch first.kind {
        case .letter:
            return endOfRun(of: .letter, from: first.end, in: bytes)
        case .number:
            return first.end
        case .space where isLineEnd(bytes[start]):
            return endOfQwen2Space(from: start, first: first, in: bytes)
        case .space, .other:
            break
        }
        let second = first.end < bytes.count ? ScannedScalar(at: first.end, in: bytes) : nil
        if let second, second.kind == .letter {
            return endOfRun(of: .letter, from: second.end, in: bytes)
        }
        if first.kind == .other {
            return endOfSigns(from: first.end, in: bytes)
        }
        if let second, second.kind == .other, bytes[start] == UInt8(ascii: " ") {
            return endOfSigns(from: second.end, in: bytes)
        }
        return endOfQwen2Space(from: start, first: first, in: bytes)
    }

    private func endOfSigns(from start: Int, in bytes: [UInt8]) -> Int {
        var end = endOfRun(of: .other, from: start, in: bytes)
        while end < bytes.count, isLineEnd(bytes[end]) { end += 1 }
        return end
    }

    private func endOfQwen2Space(
        from start: Int,
        first: ScannedScalar,
        in bytes: [UInt8]
    ) -> Int {
        var last = start
        var end = first.end
        var lineEnd = isLineEnd(bytes[start]) ? end : nil
        while end < bytes.count {
            let next = ScannedScalar(at: end, in: bytes)
            guard next.kind == .space else { break }
            last = end
            end = next.end
            if isLineEnd(bytes[last]) { lineEnd = end }
        }
        if let lineEnd { return lineEnd }
        return end == bytes.count || last == start ? end : last
    }

    private func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
