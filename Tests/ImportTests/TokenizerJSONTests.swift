import Foundation
import Inference
import Testing

@testable import Import

@Suite("tokenizer.json of Hugging Face")
struct TokenizerJSONTests {
    private func model(_ text: String) throws -> TokenizerModel {
        try TokenizerJSON(Array(text.utf8), name: "t").model()
    }

    @Test("a file in the older and in the newer form of merges gives the same model")
    func bothForms() throws {
        let older = try model(Self.text())
        let newer = try model(Self.text([.merges: #"[["a","b"],["ab","c"]]"#]))
        #expect(older == newer)
        #expect(older.tokens == ["<|im_start|>", "a", "b", "c", "ab", "abc"])
        #expect(older.merges == ["a b", "ab c"])
        #expect(older.controlIDs == [0])
        #expect(older.preTokenizer == "smollm")
        #expect(try Tokenizer(older).encode("cabcab").map(\.rawValue) == [3, 5, 4])
    }

    @Test("GPT-2's pre-tokenizer is known alone and as a sequence of one")
    func gpt2Forms() throws {
        #expect(try model(Self.text([.pre: Self.gpt2])).preTokenizer == "gpt-2")
        let sequence = #"{"type":"Sequence","pretokenizers":[\#(Self.gpt2)]}"#
        #expect(try model(Self.text([.pre: sequence])).preTokenizer == "gpt-2")
    }

    @Test("the steps of Qwen2 are known, with its pattern and NFC only")
    func qwen2Steps() throws {
        func text(_ steps: String) -> String {
            Self.text().replacingOccurrences(of: "\"pre_tokenizer\":\(Self.smollm)", with: steps)
        }
        #expect(try model(text(TinyCheckpoint.qwen2Steps)).preTokenizer == "qwen2")
        for (part, other) in [
            ("NFC", "NFKC"), ("{\"type\":\"NFC\"}", "null"), ("Isolated", "Removed"),
            ("\\\\p{N}|", "\\\\p{N}{1,3}|"), ("\"use_regex\":false", "\"use_regex\":true"),
            ("\"invert\":false", "\"invert\":true"),
        ] {
            let steps = TinyCheckpoint.qwen2Steps.replacingOccurrences(of: part, with: other)
            #expect(steps != TinyCheckpoint.qwen2Steps)
            let error = #expect(throws: ImportError.self) { try model(text(steps)) }
            #expect(error?.code == .unsupported)
        }
    }

    @Test("a plain added token that looks like markup is kept, and no text becomes one")
    func markupToken() throws {
        let added = #"[{"id":0,"content":"<tool_call>","special":false}]"#
        let found = try model(Self.text([.added: added]))
        #expect(found.tokens[0] == "<tool_call>")
        #expect(found.controlIDs.isEmpty)
        #expect(try !Tokenizer(found).encode("<tool_call>").contains(TokenID(0)))
    }

    @Test("the template is found as a text and among several")
    func chatTemplate() throws {
        for (text, expected) in [
            (#"{"chat_template":"a"}"#, "a"), ("{}", nil),
            (
                #"{"chat_template":[{"name":"x","template":"a"},{"name":"default","template":"b"}]}"#,
                "b"
            ),
        ] {
            let config = try TokenizerConfigJSON(Array(text.utf8), name: "c")
            #expect(config.chatTemplate == expected)
        }
    }

    @Test("the special tokens come from tokenizer_config.json, as texts or as objects")
    func config() throws {
        let text = #"""
            {"bos_token":"<|im_start|>","eos_token":{"content":"<|im_start|>"},"pad_token":null,
            "add_bos_token":true}
            """#
        let config = try TokenizerConfigJSON(Array(text.utf8), name: "tokenizer_config.json")
        let file = try TokenizerJSON(Array(Self.text().utf8), name: "t")
        let model = try file.model(config: config)
        #expect(model.beginID == 0)
        #expect(model.endID == 0)
        #expect(model.paddingID == nil)
        #expect(model.addsBegin)
    }

    @Test("a special token that the vocabulary lacks is refused")
    func strangeConfig() throws {
        let config = try TokenizerConfigJSON(Array(#"{"eos_token":"</s>"}"#.utf8), name: "c")
        let file = try TokenizerJSON(Array(Self.text().utf8), name: "t")
        let error = #expect(throws: ImportError.self) { try file.model(config: config) }
        #expect(error?.code == .badFormat)
        #expect(error?.subject == "t: eos_token")
    }

    @Test(
        "what would change the ids of a text is refused as unsupported",
        arguments: [
            text([.type: "Unigram"]),
            text([.pre: #"{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}"#]),
            text([.pre: #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#]),
            text([.pre: #"{"type":"Whitespace"}"#]), text([.pre: "null"]),
            text([.pre: #"{"type":"Sequence","pretokenizers":[]}"#]),
            text([
                .pre: #"{"type":"Sequence","pretokenizers":[{"type":"Digits","#
                    + #""individual_digits":false},\#(gpt2)]}"#
            ]),
            text([.extra: #""normalizer":{"type":"NFC"},"#]),
            text([.modelExtra: #""unk_token":"<unk>","#]),
            text([.modelExtra: #""dropout":0.1,"#]),
            text([.modelExtra: #""byte_fallback":true,"#]),
            text([.modelExtra: #""ignore_merges":true,"#]),
            text([.modelExtra: #""end_of_word_suffix":"</w>","#]),
            text([.added: #"[{"id":0,"content":"  ","special":false}]"#]),
        ]
    )
    func unsupported(_ text: String) {
        let error = #expect(throws: ImportError.self) { try model(text) }
        #expect(error?.code == .unsupported)
    }

    @Test(
        "a file that breaks its format is refused",
        arguments: [
            "", "{", "null", "[]", "GGUF", "{}", #"{"model":{}}"#,
            String(repeating: "[", count: 100_000), String(repeating: #"{"model":"#, count: 50_000),
            String(text().dropLast(3)),
            text([.vocabulary: #"{"a":1,"b":2,"c":3,"ab":4,"abc":6}"#]),
            text([.vocabulary: #"{"a":1,"b":2,"c":3,"ab":4,"abc":4}"#]),
            text([.vocabulary: #"{"a":-1,"b":2,"c":3,"ab":4,"abc":5}"#]),
            text([.vocabulary: #"{"a":1,"b":2,"c":3,"ab":4,"abc":9223372036854775807}"#]),
            text([.vocabulary: #"{"a":1.5}"#]), text([.vocabulary: #"{"a":"1"}"#]),
            text([.vocabulary: "[]"]),
            text([.merges: #"["a b c"]"#]), text([.merges: #"[["a"]]"#]),
            text([.merges: #"[["a","b","c"]]"#]),
            text([.merges: #"[["a", 7]]"#]), text([.merges: #"["a x"]"#]), text([.merges: "{}"]),
            text([.added: #"[{"id":1,"content":"<|im_start|>","special":true}]"#]),
            text([.added: #"[{"id":0,"content":"a","special":true}]"#]),
            text([.added: #"[{"id":-3,"content":"x","special":true}]"#]),
        ]
    )
    func badFormat(_ text: String) {
        let error = #expect(throws: ImportError.self) { try model(text) }
        #expect(error?.code == .badFormat)
    }

    @Test("a file over the limit is refused before it is parsed")
    func tooLong() {
        let bytes = [UInt8](repeating: 0x20, count: TokenizerJSON.maximumBytes + 1)
        let error = #expect(throws: ImportError.self) { try TokenizerJSON(bytes, name: "t") }
        #expect(error?.code == .limit)
    }

    @Test("a file that is not there and a folder are refused by name")
    func files() {
        let missing = #expect(throws: ImportError.self) {
            try TokenizerJSON(at: "/nowhere/tokenizer.json")
        }
        #expect(missing?.code == .notFound)
        let folder = #expect(throws: ImportError.self) { try TokenizerJSON(at: "/") }
        #expect(folder?.code == .notRegularFile)
    }

    @Test("a file on disk is read whole")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).json"
        try Data(Self.text().utf8).write(to: URL(fileURLWithPath: path))
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
        #expect(try TokenizerJSON(at: path).model() == model(Self.text()))
    }

    private static let gpt2 = #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}"#
    private static let smollm = #"""
        {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
         {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
        """#
    private static let special = #"[{"id":0,"content":"<|im_start|>","special":true}]"#

    /// The parts of a file that a test can replace.
    private enum Part: Hashable {
        case type, vocabulary, merges, pre, added, extra, modelExtra

        var usual: String {
            switch self {
            case .type: "BPE"
            case .vocabulary: #"{"a":1,"b":2,"c":3,"ab":4,"abc":5}"#
            case .merges: #"["a b","ab c"]"#
            case .pre: smollm
            case .added: special
            case .extra, .modelExtra: ""
            }
        }
    }

    /// A small sound file, with some of its parts replaced.
    private static func text(_ parts: [Part: String] = [:]) -> String {
        func part(_ part: Part) -> String { parts[part] ?? part.usual }
        return #"""
            {"version":"1.0",\#(part(.extra))"added_tokens":\#(part(.added)),
            "pre_tokenizer":\#(part(.pre)),"model":{"type":"\#(part(.type))",\#(part(.modelExtra))
            "vocab":\#(part(.vocabulary)),"merges":\#(part(.merges))}}
            """#
    }
}
