/// The wording of a judge's prompt, as data that is stored with a model version.
///
/// A template is text. A tag stands between `{{` and `}}`. Block tags stand alone on their line:
///
///     {{score line}} ... {{end}}    first: one line, up to the first score, ends with \boxed{
///     {{turn ROLE}} ... {{end}}     a turn of system, user or assistant; drops its last newline
///     {{for message}} ... {{end}}   for each message: {{role}}, {{content}}
///     {{for principle}} ... {{end}} each caller's principle: {{label}}, {{content}}, {{weight}}
///     {{for response}} ... {{end}}  for each response as shown: {{label}}, {{content}}
///     {{if NAME}} ... {{else}} ... {{end}}  NAME: reference, principles, single (one response)
///     {{split}}                   the shared part ends; stands in a turn or between turns
///     {{answer}}                  the judge's turn begins; what follows opens it, to the end
///
/// Slots stand anywhere in a line: `{{count}}` (number of responses), `{{score form}}` (the score
/// line with names for scores), `{{nonce}}` (eight letters that no content holds), `{{reference}}`
/// (within `{{if reference}}`), and those of the loops above. `{{label}}` is the position from 1,
/// `{{weight}}` a percentage.
///
/// `for message` stands once before `split`; `for response` once behind it, then `answer`.
package struct PromptTemplate: Hashable, Sendable {
    /// The text that the template was parsed from, for its digest.
    package let text: String
    /// What the score line begins with.
    package let scoreLineOpening: String
    let nodes: [TemplateNode]

    /// Parses a template.
    ///
    /// - Throws: `ScoringError` with `versionUnusable` that names the line.
    package init(parsing text: String) throws(ScoringError) {
        var parser = try TemplateParser(text)
        (scoreLineOpening, nodes) = try parser.parse()
        self.text = text
    }

    /// The line that ends a judgment of this many responses.
    package func scoreLine(responseCount: Int) -> ScoreLine {
        ScoreLine(responseCount: responseCount, opening: scoreLineOpening)
    }

    /// Writes the prompt of one order.
    ///
    /// - Parameters:
    ///   - request: The request to judge.
    ///   - order: Element p is the index of the response at position p; every index once.
    /// - Returns: The prompt; its `shared` part is the same for every order.
    package func prompt(for request: ScoreRequest, order: [Int]) -> Prompt {
        prompt(for: request, order: order, nonces: FrameNonces(request))
    }

    /// Writes the prompts of several orders; their shared parts are equal.
    package func prompts(for request: ScoreRequest, orders: [[Int]]) -> [Prompt] {
        let nonces = FrameNonces(request)
        return orders.map { prompt(for: request, order: $0, nonces: nonces) }
    }

    private func prompt(for request: ScoreRequest, order: [Int], nonces: FrameNonces) -> Prompt {
        precondition(
            order.sorted() == Array(request.responses.indices),
            "an order names each response once"
        )
        let line = scoreLine(responseCount: order.count)
        var renderer = PromptRenderer(request: request, order: order, nonces: nonces, line: line)
        renderer.render(nodes)
        return Prompt(shared: renderer.shared, responses: renderer.pieces, order: order)
    }
}
