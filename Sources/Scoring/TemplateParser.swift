/// Turns a template's text into nodes, and refuses what would not give a whole prompt.
struct TemplateParser {
    /// Where in the template the parser is.
    private struct Scope {
        var depth = 0
        var isInTurn = false
        var isInAnswer = false
        var isConditional = false
        var hasReference = false
        var loop: TemplateLoop?
    }

    /// What ended a block.
    private enum Ending { case end, otherwise, endOfText }

    /// A template is a page of wording; the limits keep a hostile one from costing time or stack.
    private static let byteLimit = 1 << 16
    private static let depthLimit = 8

    private let lines: [TemplateLine]
    private var next = 0
    private var hasMessages = false
    private var splitCount = 0
    private var hasResponses = false
    private var hasAnswer = false
    private var conditions: Set<TemplateCondition> = []

    init(_ text: String) throws(ScoringError) {
        guard text.utf8.count <= Self.byteLimit else {
            throw TemplateLine.error(
                nil,
                expected: "at most \(Self.byteLimit) bytes",
                found: "\(text.utf8.count)"
            )
        }
        lines = TemplateLine.lines(of: text)
    }

    mutating func parse() throws(ScoringError) -> ParsedTemplate {
        guard let scoreLine = try opening("score line") else {
            throw TemplateLine.error(
                nil,
                expected: "{{score line}}, one line and {{end}} first",
                found: next < lines.count ? "'\(lines[next].excerpt)'" : "nothing"
            )
        }
        let verdictLine = try opening("verdict line")
        let (nodes, _) = try block(Scope(), endings: [.endOfText])
        for (isThere, tag) in [
            (hasMessages, "for message"), (splitCount > 0, "split"),
            (hasResponses, "for response"), (hasAnswer, "answer"),
        ] where !isThere {
            throw TemplateLine.error(nil, expected: "{{\(tag)}}", found: "a template without it")
        }
        return ParsedTemplate(
            scoreLine: scoreLine,
            verdictLine: verdictLine,
            nodes: nodes,
            splitCount: splitCount,
            conditions: conditions
        )
    }

    /// Reads the block that says what a line begins with; nil where there is none.
    private mutating func opening(_ tag: String) throws(ScoringError) -> String? {
        while next < lines.count, lines[next].isBlank { next += 1 }
        guard next + 2 < lines.count, lines[next].tag == tag, lines[next + 2].tag == "end" else {
            return nil
        }
        let line = lines[next + 1]
        let opening = String(decoding: line.text.utf8.trimmed, as: UTF8.self)
        guard opening.utf8.hasSuffix(ScoreLine.box.utf8), opening.utf8.count <= 64 else {
            throw line.error(expected: "at most 64 bytes that end with \(ScoreLine.box)")
        }
        next += 3
        return opening
    }

    private mutating func block(
        _ scope: Scope,
        endings: Set<Ending>
    ) throws(ScoringError) -> ([TemplateNode], Ending) {
        guard scope.depth <= Self.depthLimit else {
            throw TemplateLine.error(
                next,
                expected: "blocks at most \(Self.depthLimit) deep",
                found: "a deeper one"
            )
        }
        var nodes: [TemplateNode] = []
        while next < lines.count {
            let line = lines[next]
            next += 1
            guard let tag = line.tag, TemplateSlot(rawValue: tag) == nil else {
                nodes += try text(line, scope)
                continue
            }
            if tag == "end" || tag == "else" {
                let ending = tag == "end" ? Ending.end : .otherwise
                guard endings.contains(ending) else {
                    throw line.error(expected: "no {{\(tag)}} here")
                }
                return (nodes, ending)
            }
            nodes.append(try node(tag, line, scope))
        }
        guard endings.contains(.endOfText) else {
            throw TemplateLine.error(lines.count, expected: "{{end}}", found: "the end")
        }
        return (nodes, .endOfText)
    }

    private mutating func node(
        _ tag: String,
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        let words = tag.split(separator: " ", maxSplits: 1)
        let name = words.count > 1 ? String(words[1]) : ""
        switch words.first.map(String.init) {
        case "turn": return try turn(name, line, scope)
        case "for": return try loop(name, line, scope)
        case "if": return try condition(name, line, scope)
        case "split" where tag == "split": return try split(line, scope)
        case "answer" where tag == "answer": return try answer(line, scope)
        default: throw line.error(expected: "a tag of the template language")
        }
    }

    private mutating func turn(
        _ name: String,
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        guard let role = Role(rawValue: name), role != .tool else {
            throw line.error(expected: "a turn of system, user or assistant")
        }
        guard scope.depth == 0 else { throw line.error(expected: "turns outside other blocks") }
        var inner = scope
        inner.depth += 1
        inner.isInTurn = true
        return .turn(role, try block(inner, endings: [.end]).0)
    }

    private mutating func loop(
        _ name: String,
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        guard let loop = TemplateLoop(rawValue: name) else {
            throw line.error(expected: "for message, for principle or for response")
        }
        guard scope.isInTurn, scope.loop == nil else {
            throw line.error(expected: "loops in a turn, and none in a loop")
        }
        switch loop {
        case .message:
            guard splitCount == 0, !hasMessages, !scope.isConditional else {
                throw line.error(expected: "one unconditional loop over messages before the split")
            }
            hasMessages = true
        case .response:
            guard splitCount > 0, !hasResponses, !scope.isConditional else {
                throw line.error(expected: "one unconditional loop over responses after the split")
            }
            hasResponses = true
        case .principle: break
        }
        var inner = scope
        inner.depth += 1
        inner.loop = loop
        return .loop(loop, try block(inner, endings: [.end]).0)
    }

    private mutating func condition(
        _ name: String,
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        guard let condition = TemplateCondition(rawValue: name) else {
            let names = TemplateCondition.allCases.map(\.rawValue).joined(separator: ", ")
            throw line.error(expected: "if with one of \(names)")
        }
        guard scope.isInTurn || scope.isInAnswer else {
            throw line.error(expected: "conditions in a turn or in the answer")
        }
        conditions.insert(condition)
        var inner = scope
        inner.depth += 1
        inner.isConditional = true
        var then = inner
        then.hasReference = scope.hasReference || condition == .reference
        let (first, ending) = try block(then, endings: [.end, .otherwise])
        let second = ending == .otherwise ? try block(inner, endings: [.end]).0 : []
        return .condition(condition, then: first, otherwise: second)
    }

    private mutating func split(
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        guard splitCount < 2, hasMessages, !hasResponses, !scope.isConditional,
            scope.loop == nil, !scope.isInAnswer
        else {
            throw line.error(
                expected: "at most two splits behind the messages, in no condition or loop"
            )
        }
        splitCount += 1
        return .split
    }

    private mutating func answer(
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> TemplateNode {
        guard scope.depth == 0, hasResponses, !scope.isInAnswer else {
            throw line.error(expected: "one answer, last, behind the turn with the responses")
        }
        hasAnswer = true
        var inner = scope
        inner.isInAnswer = true
        inner.depth += 1
        return .answer(try block(inner, endings: [.endOfText]).0)
    }

    private func text(
        _ line: TemplateLine,
        _ scope: Scope
    ) throws(ScoringError) -> [TemplateNode] {
        guard scope.isInTurn || scope.isInAnswer else {
            guard line.isBlank else { throw line.error(expected: "text in a turn only") }
            return []
        }
        let nodes = try line.nodes()
        for case .slot(let slot) in nodes {
            guard isKnown(slot, in: scope) else {
                throw line.error(expected: "no {{\(slot.rawValue)}} here")
            }
        }
        return nodes
    }

    private func isKnown(_ slot: TemplateSlot, in scope: Scope) -> Bool {
        switch slot {
        case .count, .scoreForm, .nonce: true
        case .reference: scope.hasReference && !scope.isInAnswer
        case .role, .label, .weight, .content: scope.loop?.slots.contains(slot) ?? false
        }
    }
}
