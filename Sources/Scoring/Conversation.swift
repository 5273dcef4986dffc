/// The messages that the responses answer, oldest first; at least one has visible text.
package struct Conversation: Hashable, Sendable {
    /// One message.
    package struct Message: Hashable, Sendable {
        /// Who wrote it.
        package var role: Role
        /// The text as the caller sent it.
        package var content: String

        /// Makes a message.
        package init(role: Role, content: String) {
            self.role = role
            self.content = content
        }
    }

    /// The messages, oldest first.
    package let messages: [Message]

    /// Makes a conversation of messages that were checked by the caller of this initialiser.
    package init(_ messages: [Message]) {
        self.messages = messages
    }
}
