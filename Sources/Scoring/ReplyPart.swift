/// A part of each judgment that the caller wants in the reply.
package enum ReplyPart: String, Hashable, Sendable, CaseIterable {
    case principles
    case critique
    case text
    case tokens
}
