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
    let order: [Int]
    let nonces: FrameNonces
    let line: ScoreLine
    /// The pieces before the split, once it was met.
    private(set) var shared: [PromptPiece] = []
    /// The pieces since the beginning or the split.
    private(set) var pieces: [PromptPiece] = []
    private var isShared = true

    init(request: ScoreRequest, order: [Int], nonces: FrameNonces, line: ScoreLine) {
        self.request = request
        self.order = order
        self.nonces = nonces
        self.line = line
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
        shared = pieces
        pieces = []
        isShared = false
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
        case (.count, _): append(String(request.responses.count))
        case (.scoreForm, _): append(scoreForm)
        case (.nonce, _): append(isShared ? nonces.conversation : nonces.responses)
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
            request.principles.enumerated().map { .principle($1, number: $0 + 1) }
        case .response:
            order.enumerated().map { .response(request.responses[$1], number: $0 + 1) }
        }
    }

    private func holds(_ condition: TemplateCondition) -> Bool {
        switch condition {
        case .reference: request.reference != nil
        case .principles: !request.principles.isEmpty
        case .single: request.responses.count == 1
        }
    }

    private var scoreForm: String {
        let names = order.count == 1 ? ["s"] : order.indices.map { "s\($0 + 1)" }
        return line.opening + names.joined(separator: ScoreLine.separator) + ScoreLine.closing
    }

    private func percentage(of principle: Principle) -> String {
        // Each weight is divided by the greatest first, so that no sum or product overflows.
        let greatest = request.principles.compactMap(\.weight).max() ?? 1
        let sum = request.principles.reduce(0) { $0 + ($1.weight ?? 1) / greatest }
        let share = (principle.weight ?? 1) / greatest / sum
        return String(Int((100 * share).rounded()))
    }
}
