/// One candidate response to be judged.
package struct CandidateResponse: Hashable, Sendable {
    /// The text as the caller sent it.
    package var content: String
    /// The caller's own name for it; comes back beside the score.
    package var id: String

    /// Makes a response.
    package init(content: String, id: String = "") {
        self.content = content
        self.id = id
    }
}
