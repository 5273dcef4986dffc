import Testing

@testable import Scoring

struct PromptTemplateTests {
    private static let least = """
        {{score line}}
        Marks: \\boxed{
        {{end}}
        {{turn user}}
        {{for message}}
        {{role}}: {{content}}
        {{end}}
        {{split}}
        {{for response}}
        {{label}}/{{count}}: {{content}}
        {{end}}
        {{end}}
        {{answer}}
        So
        """

    @Test("A small template of another wording gives its own prompt and score line")
    func ownWording() throws {
        let template = try PromptTemplate(parsing: Self.least)
        #expect(template.text == Self.least)
        #expect(
            template.line(of: PromptCase(.scores, order: [0])).text(of: [4]) == "Marks: \\boxed{4}"
        )
        let prompt = template.prompt(for: try makeRequest(), order: [0, 1])
        #expect(
            prompt.segments[0] == [
                .turnStart(.user), .template("user: "), .content("What is two and two?"),
                .template("\n"),
            ]
        )
        #expect(
            prompt.segments[1] == [
                .template("1/2: "), .content("Four."), .template("\n2/2: "), .content("Five."),
                .turnEnd, .turnStart(.assistant), .template("So"),
            ]
        )
    }

    @Test(
        "A template that would not give a whole prompt is refused with its line",
        arguments: [
            ("{{end}}\n{{turn user}}", "{{end}}\n{{turn judge}}", 4), ("{{role}}", "{{weight}}", 6),
            ("{{role}}", "{{rôle}}", 6), ("{{role}}", "{{role", 6),
            ("{{role}}", "{{if single}}", 6),
            ("{{split}}", "{{split}}\n{{split}}\n{{split}}", 10), ("{{split}}", "{{content}}", nil),
            ("{{split}}", "{{for message}}\n{{end}}\n{{split}}", 8),
            ("{{split}}", "{{if single}}\n{{split}}\n{{end}}", 9),
            ("{{split}}", "{{reference}}\n{{split}}", 8), ("{{split}}", "", 9),
            ("{{split}}", "{{else}}\n{{split}}", 8), ("{{split}}", "{{if weather}}", 8),
            ("{{split}}", "{{turn user}}\n{{end}}\n{{split}}", 8),
            ("{{for response}}", "{{for message}}", 9), ("{{answer}}", "", 14),
            ("{{answer}}\nSo", "", nil), ("So", "{{end}}", 14), ("So", "{{answer}}", 14),
            ("Marks: \\boxed{", "Marks:", 2), ("{{score line}}", "", nil),
            ("{{score line}}\n", "{{turn user}}", nil),
        ] as [(String, String, Int?)]
    )
    func refused(part: String, replacement: String, line: Int?) throws {
        let range = try #require(Self.least.firstRange(of: part))
        let text = Self.least.replacingCharacters(in: range, with: replacement)
        let error = try #require(
            scoringError { _ = try PromptTemplate(parsing: text) },
            "\(text) was accepted"
        )
        #expect(error.code == .versionUnusable)
        if let line {
            #expect(error.subject == "prompt template, line \(line)", "\(error)")
        }
    }

    @Test("A template without words for a form refuses it and names the tag")
    func lacksForms() throws {
        let template = try PromptTemplate(parsing: Self.least)
        try template.check(PromptCase(.scores, order: [0, 1]))
        for (shown, tag) in [
            (PromptCase(.pair, order: [0, 1]), "{{verdict line}}"),
            (PromptCase(.criteria, order: []), "{{if criteria}}"),
            (PromptCase(.scores, order: [0], isDirect: true), "{{if direct}}"),
        ] {
            let error = try #require(scoringError { try template.check(shown) })
            #expect(error.code == .notSupported)
            #expect(error.expected.contains(tag))
            try PromptTemplate.standard.check(shown)
        }
    }

    @Test("Deep nesting and great length are refused")
    func bounds() throws {
        let deep = String(repeating: "{{if single}}\n", count: 10_000)
        let range = try #require(Self.least.firstRange(of: "{{split}}"))
        for text in [
            Self.least.replacingCharacters(in: range, with: deep),
            String(repeating: "x", count: 70_000),
        ] {
            let error = try #require(scoringError { _ = try PromptTemplate(parsing: text) })
            #expect(error.code == .versionUnusable)
        }
    }

    @Test("Prefixes of the standard template are refused, or parse: none traps")
    func prefixes() {
        let bytes = Array(PromptTemplate.standard.text.utf8)
        var refusals = 0
        for end in stride(from: 0, to: bytes.count, by: 11) {
            let text = String(decoding: bytes[..<end], as: UTF8.self)
            if scoringError({ _ = try PromptTemplate(parsing: text) }) != nil { refusals += 1 }
        }
        #expect(refusals > bytes.count / 22)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
