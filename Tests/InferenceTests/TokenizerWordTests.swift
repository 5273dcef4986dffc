import Inference
import Testing

@Suite("Pre-tokenizers")
struct TokenizerWordTests {
    @Test(
        "text is cut as GPT-2's pattern cuts it",
        arguments: [
            ("hello world", ["hello", " world"]),
            ("a  b", ["a", " ", " b"]),
            ("a\n\nb", ["a", "\n", "\n", "b"]),
            ("a \n b", ["a", " \n", " b"]),
            ("end  ", ["end", "  "]),
            ("  ", ["  "]),
            ("a\u{A0}\u{A0}b", ["a", "\u{A0}", "\u{A0}", "b"]),
            ("a\u{85}b", ["a", "\u{85}", "b"]),
            ("a\u{200B}b", ["a", "\u{200B}", "b"]),
            (
                "don't we're I've I'm he'll he'd it's",
                [
                    "don", "'t", " we", "'re", " I", "'ve", " I", "'m", " he", "'ll", " he", "'d",
                    " it", "'s",
                ]
            ),
            ("DON'T", ["DON", "'", "T"]),
            ("'sure", ["'s", "ure"]),
            ("!'s", ["!'", "s"]),
            (" 's", [" '", "s"]),
            ("'r", ["'", "r"]),
            ("'", ["'"]),
            ("...a", ["...", "a"]),
            ("a e\u{301}x", ["a", " e", "\u{301}", "x"]),
            ("日本語、中文", ["日本語", "、", "中文"]),
            ("\u{0}\u{1}x", ["\u{0}\u{1}", "x"]),
            ("😀😀 😀", ["😀😀", " 😀"]),
        ]
    )
    func pattern(_ text: String, _ expected: [String]) {
        for preTokenizer in [PreTokenizer.gpt2, .smollm] {
            #expect(words(of: text, preTokenizer) == expected)
        }
    }

    @Test(
        "smollm cuts out every number alone, before anything else",
        arguments: [
            ("123", ["1", "2", "3"], ["123"]),
            ("a 12", ["a", " ", "1", "2"], ["a", " 12"]),
            ("a  1", ["a", "  ", "1"], ["a", " ", " 1"]),
            ("\n1", ["\n", "1"], ["\n", "1"]),
            ("x1y", ["x", "1", "y"], ["x", "1", "y"]),
            ("½Ⅷ٣", ["½", "Ⅷ", "٣"], ["½Ⅷ٣"]),
            ("五", ["五"], ["五"]),
            ("3.14", ["3", ".", "1", "4"], ["3", ".", "14"]),
        ]
    )
    func numbers(_ text: String, _ smollm: [String], _ gpt2: [String]) {
        #expect(words(of: text, .smollm) == smollm)
        #expect(words(of: text, .gpt2) == gpt2)
    }

    @Test(
        "text is cut as Qwen2's pattern cuts it",
        arguments: [
            ("hello world", ["hello", " world"]),
            ("a  b", ["a", " ", " b"]),
            ("end  ", ["end", "  "]),
            ("123 45", ["1", "2", "3", " ", "4", "5"]),
            ("½²Ⅷ", ["½", "²", "Ⅷ"]),
            ("  1", [" ", " ", "1"]),
            ("x=1", ["x", "=", "1"]),
            ("\tif\t\tx", ["\tif", "\t", "\tx"]),
            ("a\n\nb", ["a", "\n\n", "b"]),
            ("a\n \n b", ["a", "\n \n", " b"]),
            ("\r\n x", ["\r\n", " x"]),
            ("!\r\n\n x", ["!\r\n\n", " x"]),
            ("};\n}\n", ["};\n", "}\n"]),
            ("a.b(c)", ["a", ".b", "(c", ")"]),
            ("a  'b", ["a", " ", " '", "b"]),
            ("don't DON'T", ["don", "'t", " DON", "'T"]),
            ("'LLx'rEx'Ve", ["'LL", "x", "'rE", "x", "'Ve"]),
            ("'ſx'ſ", ["'ſ", "x", "'ſ"]),
            ("'ßx", ["'ßx"]),
            ("'", ["'"]),
            ("'l", ["'l"]),
            ("x\u{85}y", ["x", "\u{85}y"]),
            ("\u{A0}a\u{A0}!", ["\u{A0}a", "\u{A0}", "!"]),
            ("\t!x", ["\t", "!x"]),
            ("\u{2028}\nb\n\u{2028}c", ["\u{2028}\n", "b", "\n", "\u{2028}c"]),
            ("a\u{301}b", ["a", "\u{301}b"]),
            ("日本語、中文", ["日本語", "、中文"]),
            (" 😀😀 \n", [" 😀😀", " \n"]),
        ]
    )
    func qwen2(_ text: String, _ expected: [String]) {
        #expect(words(of: text, .qwen2) == expected)
    }

    @Test("kinds of ASCII characters agree with their Unicode properties")
    func asciiKinds() {
        for byte in UInt8.min...0x7F {
            #expect(ScalarKind(ascii: byte) == ScalarKind(of: Unicode.Scalar(byte)))
        }
    }

    @Test(
        "kinds are fixed to one Unicode version, whatever the toolchain knows",
        arguments: [
            (0x10D4A, ScalarKind.letter),  // Garay, Unicode 16
            (0x088F, ScalarKind.other),  // a letter since Unicode 17
            (0x0378, ScalarKind.other),  // unassigned
            (0x2160, ScalarKind.number), (0x00B2, ScalarKind.number),
            (0x3000, ScalarKind.space), (0x180E, ScalarKind.other), (0xFEFF, ScalarKind.other),
        ] as [(UInt32, ScalarKind)]
    )
    func kinds(_ value: UInt32, _ kind: ScalarKind) throws {
        #expect(ScalarKind(of: try #require(Unicode.Scalar(value))) == kind)
    }

    private func words(of text: String, _ preTokenizer: PreTokenizer) -> [String] {
        let bytes = Array(text.utf8)
        var words: [String] = []
        var start = 0
        while start < bytes.count {
            let end = preTokenizer.endOfWord(from: start, in: bytes)
            words.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return words
    }
}
