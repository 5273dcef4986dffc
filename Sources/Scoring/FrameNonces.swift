/// The letters in the marks around what callers sent.
///
/// A nonce is eight letters a-z derived from a hash of what it frames and a counter, which is
/// advanced until no text of the request holds the nonce in any case: no text can close its own
/// frame or another's, and a request always gets the same nonces. Requests on one conversation
/// share its nonce, and with it their prompts' shared part.
struct FrameNonces: Hashable, Sendable {
    /// Frames the conversation, the reference and the principles.
    let conversation: String
    /// Frames the responses.
    let responses: String

    /// Finds the nonces of a prompt.
    ///
    /// Responses that are not shown count for nothing, so that what a response gets when it is read
    /// alone does not depend on its company.
    init(_ request: ScoreRequest, showing order: [Int], principles: [Principle]) {
        var hash = TextHash()
        for message in request.conversation.messages {
            hash.add(message.role.rawValue)
            hash.add(message.content)
        }
        let shown = order.sorted().map { request.responses[$0].content }
        var texts = request.conversation.messages.map(\.content) + principles.map(\.text) + shown
        if let reference = request.reference { texts.append(reference) }
        let search = NonceSearch(texts: texts.map { Array($0.utf8) })
        let first = search.firstFree(seed: hash.value, taken: nil)
        for content in shown { hash.add(content) }
        let second = search.firstFree(seed: hash.value, taken: first)
        conversation = NonceSearch.letters(of: first)
        responses = NonceSearch.letters(of: second)
    }
}
