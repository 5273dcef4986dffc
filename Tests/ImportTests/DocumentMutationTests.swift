import Foundation
import Testing

@testable import Import

@Suite("Mutated documents of folders")
struct DocumentMutationTests {
    /// The documents that are parsed, each with its parser.
    enum Document: String, CaseIterable, Sendable {
        case config, index, adapter, tokenizer

        func sound() throws -> [UInt8] {
            switch self {
            case .config: Array(try TinyCheckpoint(isClassifier: true).configText.utf8)
            case .index:
                Array(#"{"metadata":{"total_size":8},"weight_map":{"a":"x.safetensors","#.utf8)
                    + Array(#""b":"y.safetensors"}}"#.utf8)
            case .adapter:
                Array(
                    "{\(TinyAdapter().config.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
                        .utf8
                )
            case .tokenizer: Array(try TinyCheckpoint().tokenizer.utf8)
            }
        }

        func parse(_ bytes: [UInt8]) throws {
            switch self {
            case .config: _ = try CheckpointConfig(bytes, name: "c")
            case .index: _ = try ShardIndex(bytes, name: "i")
            case .adapter: _ = try AdapterConfig(bytes, name: "a")
            case .tokenizer: _ = try TokenizerJSON(bytes, name: "t").model()
            }
        }
    }

    @Test(
        "No mutation of a document traps, and every refusal is typed",
        arguments: Document.allCases
    )
    func survives(document: Document) throws {
        let sound = try document.sound()
        try document.parse(sound)
        var random = SeededNumbers(seed: 20_260_400)
        let letters = Array(#"0123456789-.eE{}[]:,"\ nftul"#.utf8)
        var refusedCount = 0
        for _ in 0..<(document == .tokenizer ? 300 : 3_000) {
            var bytes = sound
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
                case 1: bytes[place] = letters[Int(random.next() % UInt64(letters.count))]
                case 2: bytes.remove(at: place)
                default:
                    let digits = ["99999999999999999999", "-1", "1e999", "[[[[", "null", "0"]
                    let text = digits[Int(random.next() % UInt64(digits.count))]
                    bytes.replaceSubrange(place..<place + 1, with: Array(text.utf8))
                }
            }
            if random.next() % 16 == 0 {
                bytes = Array(bytes[..<Int(random.next() % UInt64(bytes.count))])
            }
            do {
                try document.parse(bytes)
            } catch {
                #expect(error is ImportError)
                refusedCount += 1
            }
        }
        #expect(refusedCount > 100)
    }
}
