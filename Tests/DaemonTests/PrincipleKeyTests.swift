import Daemon
import Scoring
import Testing

@Suite("The key of kept principles")
struct PrincipleKeyTests {
    private static let judges = ["a", "ab", String(repeating: "a", count: 64)]
    private static let templates = ["", "b", "ab"]
    private static let references: [String?] = [nil, "", "x", "userx"]
    private static let conversations: [[Conversation.Message]] = [
        [.init(role: .user, content: "x")],
        [.init(role: .assistant, content: "x")],
        [.init(role: .user, content: "x"), .init(role: .user, content: "")],
        [.init(role: .user, content: ""), .init(role: .user, content: "x")],
        [.init(role: .user, content: "xuserx")],
        [.init(role: .user, content: "x"), .init(role: .user, content: "x")],
        // One character, composed and not: equal as strings, and other bytes in a prompt.
        [.init(role: .user, content: "\u{e9}")],
        [.init(role: .user, content: "e\u{301}")],
        [.init(role: .user, content: "x ")],
    ]

    @Test("No two of model, template, conversation and reference share a key")
    func crosses() {
        var keys: Set<String> = []
        var count = 0
        for judge in Self.judges {
            for template in Self.templates {
                for reference in Self.references {
                    for messages in Self.conversations {
                        let key = PrincipleKey(
                            grmDigest: judge,
                            templateDigest: template,
                            conversation: Conversation(messages),
                            reference: reference
                        )
                        keys.insert(key.text)
                        count += 1
                    }
                }
            }
        }
        #expect(keys.count == count)
        #expect(keys.allSatisfy { $0.utf8.count == 64 })
    }

    @Test("Text that moves from one field to the next makes another key")
    func boundaries() {
        func key(_ judge: String, _ template: String, _ text: String) -> String {
            PrincipleKey(
                grmDigest: judge,
                templateDigest: template,
                conversation: Conversation([.init(role: .user, content: text)]),
                reference: nil
            ).text
        }
        #expect(key("ab", "c", "d") != key("a", "bc", "d"))
        #expect(key("a", "bc", "d") != key("a", "b", "cd"))
        #expect(key("a", "b", "c") == key("a", "b", "c"))
    }
}
