/// Who wrote a message of the conversation, or whose turn a part of a prompt is.
package enum Role: String, Hashable, Sendable, CaseIterable {
    case system
    case user
    case assistant
    case tool
}
