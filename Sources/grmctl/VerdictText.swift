import Foundation
import Wire

/// A verdict and its judgments as a person reads them.
struct VerdictText: Sendable {
    private let responses: [String]
    private let isColoured: Bool

    init(_ request: Grm_V1_ScoreRequest, isColoured: Bool) {
        responses = request.responses.map(\.content)
        self.isColoured = isColoured
    }

    /// The scores as a table, best first, and what they rest on.
    func text(_ reply: Grm_V1_ScoreReply) -> String {
        var table = TextTable(
            header: ["RANK", "#", "RESPONSE", "MEAN", "TOTAL", "SPREAD", "FLAGS"],
            rightAligned: [0, 1, 3, 4, 5]
        )
        let ranked = reply.scores.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        for score in ranked { table.add(row(score)) }
        return [table.text(isColoured: isColoured), "", facts(reply).text(isColoured: false)]
            .joined(separator: "\n")
    }

    /// One judgment: its scores, in the order of the request, and what it says.
    func text(_ judgment: Grm_V1_Judgment) -> String {
        var lines = [bold(heading(judgment))]
        lines += said(judgment.principles, judgment.critique, indent: "  ")
        for part in judgment.parts where !part.principles.isEmpty || !part.critique.isEmpty {
            let shown = part.order.map(String.init).joined(separator: " ")
            lines.append("  shown \(shown): scores \(scores(part.scores))")
            lines += said(part.principles, part.critique, indent: "    ")
        }
        return lines.joined(separator: "\n")
    }

    /// What the judge wrote.
    private func said(
        _ principles: [Grm_V1_Principle],
        _ critique: String,
        indent: String
    ) -> [String] {
        var lines: [String] = []
        if !principles.isEmpty {
            lines.append(indent + "principles")
            lines += principles.map { principle in
                let weight =
                    principle.hasWeight && principle.weight > 0
                    ? " (weight \(Figures.decimal(Double(principle.weight), places: 2)))" : ""
                return indent + "  - \(beginning(of: principle.text, count: 2_000))\(weight)"
            }
        }
        if !critique.isEmpty {
            lines.append(indent + "critique")
            let critique = critique.trimmingCharacters(in: .whitespacesAndNewlines)
            lines += printable(critique, keepsLines: true)
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { indent + "  \($0)" }
        }
        return lines
    }

    private func scores(_ scores: [Double]) -> String {
        scores.map { score in
            Figures.decimal(score, places: score == score.rounded() ? 0 : 2)
        }.joined(separator: " ")
    }

    private func row(_ score: Grm_V1_ResponseScore) -> [String] {
        let index = Int(score.index)
        let text = responses.indices.contains(index) ? responses[index] : score.id
        return [
            "\(score.rank)",
            "\(index)",
            beginning(of: text, count: 48),
            Figures.decimal(score.mean, places: 2),
            score.hasTotal ? Figures.decimal(score.total, places: 0) : "-",
            score.hasSpread ? Figures.decimal(score.spread, places: 2) : "-",
            score.flags.map { "\($0)" }.joined(separator: " "),
        ]
    }

    private func facts(_ reply: Grm_V1_ScoreReply) -> TextTable {
        var table = TextTable()
        table.add(["judgments", judgments(reply)])
        let versions = reply.versions
        table.add(["judge", versions.grm.line])
        if versions.hasMetaRm { table.add(["meta-RM", versions.metaRm.line]) }
        let template = Figures.digest(versions.templateDigest)
        table.add([
            "served by",
            "deployment \(versions.deployment), template \(template), grmd \(versions.daemon)",
        ])
        table.add(["seed", "\(reply.seed)"])
        let (times, usage) = (reply.timings, reply.usage)
        table.add([
            "seconds",
            "\(seconds(times.totalSeconds)): queue \(seconds(times.queueSeconds)), "
                + "prefill \(seconds(times.prefillSeconds)), decode \(seconds(times.decodeSeconds))",
        ])
        table.add([
            "tokens",
            "\(usage.promptTokens) prompt (\(usage.promptTokensComputed) computed), "
                + "\(usage.generatedTokens) generated",
        ])
        for warning in reply.warnings {
            table.add(["warning", beginning(of: warning.detail, count: 400)])
        }
        return table
    }

    private func judgments(_ reply: Grm_V1_ScoreReply) -> String {
        let bound = reply.hasStopBound ? ", bound \(reply.stopBound)" : ""
        return "\(reply.kCounted) counted of \(reply.kDrawn) drawn; "
            + "stopped since \(Self.words(reply.stopReason))\(bound)"
    }

    private static func words(_ reason: Grm_V1_StopReason) -> String {
        switch reason {
        case .kMax: "the greatest count was reached"
        case .exact: "no further judgment could change the winner"
        case .guaranteed: "the winner is certain enough (bound for every score law)"
        case .predicted: "the winner is certain enough (predicted)"
        case .width: "the means are exact enough"
        case .load: "grmd has much to do"
        case .deadline: "the deadline came near"
        case .unspecified: "of a reason not given"
        case .UNRECOGNIZED(let number): "of reason \(number), which this grmctl does not know"
        }
    }

    private func heading(_ judgment: Grm_V1_Judgment) -> String {
        var words = ["judgment \(judgment.index):"]
        if judgment.scores.isEmpty {
            words.append(Self.words(judgment.outcome))
        } else {
            words.append("scores \(scores(judgment.scores))")
        }
        if judgment.parts.isEmpty {
            let order = judgment.order.map(String.init).joined(separator: " ")
            words.append("(shown in the order \(order))")
        } else {
            words.append("(\(judgment.parts.count) prompts)")
        }
        if judgment.hasMetaScore {
            words.append("meta \(Figures.decimal(judgment.metaScore, places: 3))")
        }
        if judgment.truncated { words.append("[truncated]") }
        if !judgment.counted { words.append("[not counted]") }
        words.append("\(judgment.generatedTokens) tokens, \(seconds(judgment.seconds)) s")
        return words.joined(separator: " ")
    }

    private static func words(_ outcome: Grm_V1_JudgmentOutcome) -> String {
        switch outcome {
        case .scored: "scored"
        case .unparsable: "unparsable"
        case .badLogits: "bad logits"
        case .cancelled: "cancelled"
        case .contextExhausted: "context exhausted"
        case .unspecified: "no outcome"
        case .UNRECOGNIZED(let number): "outcome \(number)"
        }
    }

    private func seconds(_ value: Double) -> String { Figures.decimal(value, places: 2) }

    private func bold(_ text: String) -> String {
        isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text
    }
}
