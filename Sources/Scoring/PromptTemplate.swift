/// The wording of a judge's prompt, as data that is stored with a model version.
///
/// A template is text. A tag stands between `{{` and `}}`. Block tags stand alone on their line:
///
///     {{score line}} ... {{end}}    first: one line, up to the first score, ends with \boxed{
///     {{verdict line}} ... {{end}}  then, if it can ask for the better of two: the same for that
///     {{turn ROLE}} ... {{end}}     a turn of system, user or assistant; drops its last newline
///     {{for message}} ... {{end}}   for each message: {{role}}, {{content}}
///     {{for principle}} ... {{end}} each given principle: {{label}}, {{content}}, {{weight}}
///     {{for response}} ... {{end}}  for each response as shown: {{label}}, {{content}}
///     {{if NAME}} ... {{else}} ... {{end}}  NAME: reference, principles, single (one response),
///                                   direct (no critique), pair (which of two), criteria (criteria
///                                   are to be written, and no response is shown)
///     {{split}}                   a shared part ends; stands in a turn or between turns
///     {{answer}}                  the judge's turn begins; what follows opens it, to the end
///
/// Slots stand anywhere in a line: `{{count}}` (number of responses), `{{score form}}` (the last
/// line with names for its values), `{{nonce}}` (eight letters that no content holds),
/// `{{reference}}` (within `{{if reference}}`), and those of the loops above. `{{label}}` is the
/// position from 1, `{{weight}}` a percentage.
///
/// `for message` stands once before the first `split`; `for response` once behind the last one,
/// then `answer`. There may be two splits: what stands between them is shared where the reference
/// and the principles are the same. A prompt without a critique ends with its line's beginning.
package struct PromptTemplate: Hashable, Sendable {
    /// The text that the template was parsed from, for its digest.
    package let text: String
    let parsed: ParsedTemplate

    /// Parses a template.
    ///
    /// - Throws: `ScoringError` with `versionUnusable` that names the line.
    package init(parsing text: String) throws(ScoringError) {
        var parser = try TemplateParser(text)
        parsed = try parser.parse()
        self.text = text
    }

    /// The line that ends a judgment.
    ///
    /// - Parameter shown: A case that asks for scores or for the better of two.
    /// - Returns: The line, as a grammar.
    package func line(of shown: PromptCase) -> ScoreLine {
        switch shown.form {
        case .pair: ScoreLine(choosingOf: 2, opening: parsed.verdictLine ?? parsed.scoreLine)
        case .scores: ScoreLine(responseCount: shown.order.count, opening: parsed.scoreLine)
        case .criteria, .chat: preconditionFailure("no line ends what is asked here")
        }
    }

    /// Says whether the template has words for a case.
    ///
    /// - Throws: `ScoringError` with `notSupported` that names the tag it lacks.
    package func check(_ shown: PromptCase) throws(ScoringError) {
        if shown.form == .pair, parsed.verdictLine == nil { throw lacks("{{verdict line}}") }
        if shown.form == .criteria { try check(.criteria) }
        if shown.isDirect { try check(.direct) }
    }

    private func check(_ condition: TemplateCondition) throws(ScoringError) {
        guard !parsed.conditions.contains(condition) else { return }
        throw lacks("{{if \(condition.rawValue)}}")
    }

    private func lacks(_ tag: String) -> ScoringError {
        ScoringError(
            .notSupported,
            subject: "prompt template of the served version",
            expected: "one with \(tag), which this way of judging needs",
            found: "one without it",
            advice: "use another mode, or import the version with --prompt-template"
        )
    }

    /// Writes a prompt.
    ///
    /// - Parameters:
    ///   - request: The request to judge.
    ///   - shown: What it shows and asks; no `chat`, which has no wording.
    ///   - principles: Those that the judge has to use; none lets it write its own.
    /// - Returns: The prompt; its first segment is the same for every request on one conversation.
    package func prompt(
        for request: ScoreRequest,
        _ shown: PromptCase,
        principles: [Principle]
    ) -> Prompt {
        let line = shown.form == .criteria ? nil : line(of: shown)
        var renderer = PromptRenderer(
            request: request,
            shown: shown,
            principles: principles,
            line: line,
            splitCount: parsed.splitCount
        )
        renderer.render(parsed.nodes)
        return Prompt(segments: renderer.finish(), shown: shown)
    }
}

/// What a template's text says.
struct ParsedTemplate: Hashable, Sendable {
    /// What the line of scores begins with.
    let scoreLine: String
    /// What the line with the better of two begins with; nil where the template cannot ask for it.
    let verdictLine: String?
    let nodes: [TemplateNode]
    let splitCount: Int
    /// The conditions that it asks.
    let conditions: Set<TemplateCondition>
}
