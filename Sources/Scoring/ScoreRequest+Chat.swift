extension ScoreRequest {
    /// The conversation as it stands, up to where the model would answer.
    ///
    /// A reference answer is a turn of the system before that: plain text, without any wording.
    package func chatPrompt(_ shown: PromptCase) -> Prompt {
        var pieces: [PromptPiece] = []
        for message in conversation.messages {
            pieces += [.turnStart(message.role), .content(message.content), .turnEnd]
        }
        if let reference {
            pieces += [.turnStart(.system), .content(reference), .turnEnd]
        }
        return Prompt(segments: [pieces + [.turnStart(.assistant)]], shown: shown)
    }
}
