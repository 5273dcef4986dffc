/// One line of a template's text.
struct TemplateLine {
    /// The line with its newline, if it has one.
    let text: String
    /// Place in the text, from 1.
    let number: Int

    static func lines(of text: String) -> [TemplateLine] {
        var lines: [TemplateLine] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            lines.append(
                TemplateLine(
                    text: String(decoding: rest[..<end], as: UTF8.self),
                    number: lines.count + 1
                )
            )
            rest = rest[end...]
        }
        return lines
    }

    var isBlank: Bool { text.utf8.trimmed.isEmpty }

    /// The beginning of the line, for an error.
    var excerpt: String { String(decoding: text.utf8.trimmed.prefix(60), as: UTF8.self) }

    /// The tag that stands alone on the line.
    var tag: String? {
        let body = Array(text.utf8.trimmed)
        guard body.starts(with: Self.open), body.hasSuffix(Self.close), body.count >= 4 else {
            return nil
        }
        let name = body[2..<(body.count - 2)]
        guard !name.contains(UInt8(ascii: "}")), !name.contains(UInt8(ascii: "{")) else {
            return nil
        }
        return String(decoding: name.trimmed, as: UTF8.self)
    }

    /// The line's text and slots.
    func nodes() throws(ScoringError) -> [TemplateNode] {
        var nodes: [TemplateNode] = []
        var rest = Array(text.utf8)[...]
        while let start = Self.index(of: Self.open, in: rest) {
            if start > rest.startIndex {
                nodes.append(.text(String(decoding: rest[..<start], as: UTF8.self)))
            }
            guard let end = Self.index(of: Self.close, in: rest[(start + 2)...]) else {
                throw error(expected: "}} behind every {{")
            }
            let name = String(decoding: rest[(start + 2)..<end].trimmed, as: UTF8.self)
            guard let slot = TemplateSlot(rawValue: name) else {
                throw error(expected: "a known slot, and block tags alone on their line")
            }
            nodes.append(.slot(slot))
            rest = rest[(end + 2)...]
        }
        return rest.isEmpty ? nodes : nodes + [.text(String(decoding: rest, as: UTF8.self))]
    }

    func error(expected: String) -> ScoringError {
        Self.error(number, expected: expected, found: "'\(excerpt)'")
    }

    static func error(_ line: Int?, expected: String, found: String) -> ScoringError {
        ScoringError(
            .versionUnusable,
            subject: "prompt template" + (line.map { ", line \($0)" } ?? ""),
            expected: expected,
            found: found,
            advice: "correct the template and import the version again"
        )
    }

    private static let open = Array("{{".utf8)
    private static let close = Array("}}".utf8)

    private static func index(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        zip(bytes.indices, bytes.indices.dropFirst())
            .first { bytes[$0] == mark[0] && bytes[$1] == mark[1] }?.0
    }
}
