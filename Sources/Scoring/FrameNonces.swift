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

    init(_ request: ScoreRequest) {
        var hash = TextHash()
        for message in request.conversation.messages {
            hash.add(message.role.rawValue)
            hash.add(message.content)
        }
        var texts = request.conversation.messages.map(\.content) + request.principles.map(\.text)
        texts += request.responses.map(\.content)
        if let reference = request.reference { texts.append(reference) }
        let search = NonceSearch(texts: texts.map { Array($0.utf8) })
        let first = search.firstFree(seed: hash.value, taken: nil)
        for response in request.responses { hash.add(response.content) }
        let second = search.firstFree(seed: hash.value, taken: first)
        conversation = NonceSearch.letters(of: first)
        responses = NonceSearch.letters(of: second)
    }
}
