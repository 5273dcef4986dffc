/// Fills a template's nodes with a request.
struct PromptRenderer {
    /// What the slots of a loop stand for.
    private enum Item {
        case none
        case message(Conversation.Message)
        case principle(Principle, number: Int)
        case response(CandidateResponse, number: Int)
    }

    let request: ScoreRequest
    let shown: PromptCase
    let principles: [Principle]
    /// What ends the judgment, if it ends with a line.
    let line: ScoreLine?
    private let nonces: FrameNonces
    /// The segments that are whole.
    private var segments: [[PromptPiece]] = []
    /// The pieces since the beginning or the last split.
    private var pieces: [PromptPiece] = []
    private var splitsLeft: Int

    init(
        request: ScoreRequest,
        shown: PromptCase,
        principles: [Principle],
        line: ScoreLine?,
        splitCount: Int
    ) {
        self.request = request
        self.shown = shown
        self.principles = principles
        self.line = line
        splitsLeft = splitCount
        nonces = FrameNonces(request, showing: shown.order, principles: principles)
    }

    /// The segments, once everything was rendered.
    ///
    /// An answer without a critique begins with the line itself.
    mutating func finish() -> [[PromptPiece]] {
        if shown.isDirect, let line { append(line.opening) }
        return (segments + [pieces]).filter { !$0.isEmpty }
    }

    mutating func render(_ nodes: [TemplateNode]) { render(nodes, .none) }

    private mutating func render(_ nodes: [TemplateNode], _ item: Item) {
        for node in nodes {
            switch node {
            case .text(let text): append(text)
            case .slot(let slot): fill(slot, item)
            case .turn(let role, let body): renderTurn(role, body)
            case .loop(let loop, let body): for item in items(of: loop) { render(body, item) }
            case .condition(let condition, let then, let otherwise):
                render(holds(condition) ? then : otherwise, item)
            case .split: split()
            case .answer(let body):
                pieces.append(.turnStart(.assistant))
                render(body, item)
            }
        }
    }

    private mutating func renderTurn(_ role: Role, _ body: [TemplateNode]) {
        pieces.append(.turnStart(role))
        render(body, .none)
        if case .template(let text) = pieces.last, text.utf8.last == UInt8(ascii: "\n") {
            pieces.removeLast()
            append(String(decoding: text.utf8.dropLast(), as: UTF8.self))
        }
        pieces.append(.turnEnd)
    }

    private mutating func split() {
        segments.append(pieces)
        pieces = []
        splitsLeft -= 1
    }

    /// Adds template text; neighbours become one piece, so that they are encoded as one.
    private mutating func append(_ text: String) {
        guard !text.isEmpty else { return }
        if case .template(let before) = pieces.last {
            pieces[pieces.count - 1] = .template(before + text)
        } else {
            pieces.append(.template(text))
        }
    }

    private mutating func append(content: String) {
        if !content.isEmpty { pieces.append(.content(content)) }
    }

    private mutating func fill(_ slot: TemplateSlot, _ item: Item) {
        switch (slot, item) {
        case (.count, _): append(String(shown.order.count))
        case (.scoreForm, _): append(scoreForm)
        case (.nonce, _): append(splitsLeft > 0 ? nonces.conversation : nonces.responses)
        case (.reference, _): append(content: request.reference ?? "")
        case (.role, .message(let message)): append(message.role.rawValue)
        case (.content, .message(let message)): append(content: message.content)
        case (.content, .principle(let principle, _)): append(content: principle.text)
        case (.content, .response(let response, _)): append(content: response.content)
        case (.weight, .principle(let principle, _)): append(percentage(of: principle))
        case (.label, .principle(_, let number)), (.label, .response(_, let number)):
            append(String(number))
        default: preconditionFailure("the parser lets no slot stand outside its loop")
        }
    }

    private func items(of loop: TemplateLoop) -> [Item] {
        switch loop {
        case .message: request.conversation.messages.map { .message($0) }
        case .principle:
            principles.enumerated().map { .principle($1, number: $0 + 1) }
        case .response:
            shown.order.enumerated().map { .response(request.responses[$1], number: $0 + 1) }
        }
    }

    private func holds(_ condition: TemplateCondition) -> Bool {
        switch condition {
        case .reference: request.reference != nil
        case .principles: !principles.isEmpty
        case .single: shown.order.count == 1
        case .direct: shown.isDirect
        case .pair: shown.form == .pair
        case .criteria: shown.form == .criteria
        }
    }

    private var scoreForm: String { line?.form ?? "" }

    private func percentage(of principle: Principle) -> String {
        // Each weight is divided by the greatest first, so that no sum or product overflows.
        let greatest = principles.compactMap(\.weight).max() ?? 1
        let sum = principles.reduce(0) { $0 + ($1.weight ?? 1) / greatest }
        let share = (principle.weight ?? 1) / greatest / sum
        return String(Int((100 * share).rounded()))
    }
}
