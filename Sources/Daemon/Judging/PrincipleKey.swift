import Crypto
import Foundation
package import Scoring
import Store

/// The name under which the sets of principles for one question to one judge are kept.
///
/// SHA-256 over the judge's digest, the template's digest, each message's role and bytes, and the
/// reference answer or that there is none. Texts count byte by byte, without any normal form: what a
/// prompt tells apart has two keys. Every field has its length before it and every list its count, so
/// that no two questions write the same bytes.
package struct PrincipleKey: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hex digits.
    package let text: String

    /// Makes the key of a question.
    ///
    /// - Parameters:
    ///   - grmDigest: Digest of the model version that judges.
    ///   - templateDigest: Digest of the prompt template's text.
    ///   - conversation: What the responses answer; the responses themselves are no part of a key.
    ///   - reference: The reference answer; an empty one is not none.
    package init(
        grmDigest: String,
        templateDigest: String,
        conversation: Conversation,
        reference: String?
    ) {
        var hash = SHA256()
        Self.add("grm principles 1", to: &hash)
        Self.add(grmDigest, to: &hash)
        Self.add(templateDigest, to: &hash)
        Self.add(conversation.messages.count, to: &hash)
        for message in conversation.messages {
            Self.add(message.role.rawValue, to: &hash)
            Self.add(message.content, to: &hash)
        }
        Self.add(reference == nil ? 0 : 1, to: &hash)
        if let reference { Self.add(reference, to: &hash) }
        text = hexadecimal(hash.finalize())
    }

    package var description: String { text }

    private static func add(_ field: String, to hash: inout SHA256) {
        add(field.utf8.count, to: &hash)
        hash.update(data: Data(field.utf8))
    }

    private static func add(_ count: Int, to hash: inout SHA256) {
        let number = UInt64(count)
        hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }
}
