/// A part of a parsed template.
indirect enum TemplateNode: Hashable, Sendable {
    case text(String)
    case slot(TemplateSlot)
    case turn(Role, [TemplateNode])
    case loop(TemplateLoop, [TemplateNode])
    case condition(TemplateCondition, then: [TemplateNode], otherwise: [TemplateNode])
    case split
    case answer([TemplateNode])
}

/// What a slot is filled with.
enum TemplateSlot: String, Hashable, Sendable {
    case count
    case scoreForm = "score form"
    case nonce
    case reference
    case role
    case label
    case weight
    case content
}

/// What a loop runs over.
enum TemplateLoop: String, Hashable, Sendable {
    case message
    case principle
    case response

    var slots: Set<TemplateSlot> {
        switch self {
        case .message: [.role, .content]
        case .principle: [.label, .content, .weight]
        case .response: [.label, .content]
        }
    }
}

/// What a condition asks.
enum TemplateCondition: String, Hashable, Sendable, CaseIterable {
    case reference
    case principles
    case single
    case direct
    case pair
    case criteria
}
