import Testing

@testable import Import

@Suite("JSON of files that are not trusted")
struct JSONParserTests {
    private func parse(_ text: String, valueCountMax: Int = 100) throws -> JSONValue {
        try JSONParser.value(of: Array(text.utf8), name: "t", valueCountMax: valueCountMax)
    }

    @Test("Every kind of value is read")
    func reads() throws {
        let value = try parse(#" {"a":[1,-2.5e+3,0.1],"b":{"c":null},"d":true,"e":false,"":"x"} "#)
        #expect(
            value
                == .object([
                    "a": .array([.number("1"), .number("-2.5e+3"), .number("0.1")]),
                    "b": .object(["c": .null]), "d": .bool(true), "e": .bool(false),
                    "": .text("x"),
                ])
        )
        #expect(try parse("[]") == .array([]))
        #expect(try parse("{ }") == .object([:]))
    }

    @Test("Escapes and pairs become their characters")
    func unescapes() throws {
        #expect(
            try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\ude00ü""#)
                == .text("\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}ü")
        )
    }

    @Test(
        "What is no JSON is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
            "{,}", "01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity", "-Infinity", "0x10",
            "tru", "nul", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"",
            "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "\"\n\"", "1 1", "[1]]", "// a\n1",
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: ImportError.self) { try parse(text) }
        #expect(error?.code == .badFormat)
    }

    @Test("Bytes that are no UTF-8 are refused")
    func refusesBytes() {
        let error = #expect(throws: ImportError.self) {
            try JSONParser.value(of: [0x22, 0xFF, 0x22], name: "t", valueCountMax: 9)
        }
        #expect(error?.code == .badFormat)
    }

    @Test("Depth, values and digits have their limits")
    func limits() throws {
        let deepest = String(repeating: "[", count: 15) + "1" + String(repeating: "]", count: 15)
        _ = try parse(deepest)
        for text in [
            "[\(deepest)]", "[" + String(repeating: "0,", count: 100) + "0]",
            String(repeating: "9", count: 65),
        ] {
            let error = #expect(throws: ImportError.self) { try parse(text) }
            #expect(error?.code == .limit)
        }
    }
}
