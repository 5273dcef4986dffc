import SwiftProtobuf
import Wire

/// A key of the principle cache as it is typed: whole, or its first digits.
struct PrincipleAddress: Sendable {
    private let text: String

    private static let wholeCount = 64
    private static let leastCount = 8

    /// - Throws: `usage` for what cannot be the beginning of a key.
    init(_ text: String) throws(CommandError) {
        let isHex = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard isHex, (Self.leastCount...Self.wholeCount).contains(text.utf8.count) else {
            throw CommandError(
                .usage,
                subject: "the key",
                expected: "\(Self.leastCount) to \(Self.wholeCount) lower-case hex digits",
                found: "'\(text)'",
                advice: "see grmctl principles list"
            )
        }
        self.text = text
    }

    /// The whole key.
    ///
    /// - Throws: `CommandError` unless exactly one key begins so, and what the call fails with.
    func whole(_ daemon: DaemonClient) async throws -> String {
        guard text.utf8.count < Self.wholeCount else { return text }
        var keys: Set<String> = []
        var token = ""
        repeat {
            let (prefix, page) = (text, token)
            let reply = try await daemon.admin.listPrinciples(
                .with {
                    $0.keyPrefix = prefix
                    $0.pageToken = page
                },
                options: DaemonClient.options(timeout: .seconds(30))
            )
            keys.formUnion(reply.entries.map(\.key))
            token = reply.nextPageToken
        } while !token.isEmpty && keys.count < 2
        guard keys.count == 1, let key = keys.first else {
            throw CommandError(
                keys.isEmpty ? .notFound : .usage,
                subject: "key '\(text)'",
                expected: "the beginning of one key",
                found: keys.isEmpty ? "none that begins so" : "several that begin so",
                advice: "see grmctl principles list --prefix \(text)"
            )
        }
        return key
    }
}
