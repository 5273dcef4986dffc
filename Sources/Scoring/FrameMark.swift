/// Lines that look like the marks around texts in a prompt: `[/Response 2 kqzvmhtw]`.
///
/// The real ones hold a nonce that no text of the request holds, so a copy closes nothing.
enum FrameMark {
    /// Tells whether a line is a closing mark, or an opening one with a number or a nonce.
    static func isMark(_ line: ArraySlice<UInt8>) -> Bool {
        let line = line.trimmed
        guard line.count <= byteCountMax, line.first == UInt8(ascii: "["),
            line.last == UInt8(ascii: "]")
        else { return false }
        var body = line.dropFirst().dropLast()
        let isClosing = body.first == UInt8(ascii: "/")
        if isClosing { body = body.dropFirst() }
        let words = body.split(separator: UInt8(ascii: " "))
        guard let name = names.first(where: { starts(words, with: $0) }) else { return false }
        let rest = words.dropFirst(name.count)
        guard rest.count <= 2, rest.allSatisfy({ isNumber($0) || isNonce($0) }) else {
            return false
        }
        return isClosing || !rest.isEmpty
    }

    private static func starts(_ words: [ArraySlice<UInt8>], with name: [[UInt8]]) -> Bool {
        words.count >= name.count
            && zip(words, name).allSatisfy { word, part in
                word.map(\.asciiLowered).elementsEqual(part)
            }
    }

    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        word.count <= 3 && word.allSatisfy(\.isASCIIDigit)
    }

    private static func isNonce(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == NonceSearch.letterCount && word.allSatisfy(\.isASCIILetter)
    }

    private static let byteCountMax = 64
    private static let names = [
        "reference answer", "reference", "criteria", "principles", "response", "answer", "user",
        "assistant", "system", "tool", "conversation",
    ].map { name in name.split(separator: " ").map { Array($0.utf8) } }
}
