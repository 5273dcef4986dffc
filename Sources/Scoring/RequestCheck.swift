/// The checks of the texts and numbers that a request holds; each returns the value to use.
///
/// What goes with which way of judging is checked in `RequestCheck+Mode.swift`, how many judgments
/// count in `RequestCheck+Stopping.swift`.
struct RequestCheck {
    let limits: ScoringLimits
    let defaults: ScoringDefaults

    func conversation(
        _ drafts: [ScoreRequestDraft.Message]
    ) throws(ScoringError) -> Conversation {
        guard drafts.contains(where: { hasVisibleText($0.content) }) else {
            throw ScoringError(
                .conversationEmpty,
                subject: "conversation",
                expected: "at least one message with visible text",
                found: drafts.isEmpty ? "no message" : "\(drafts.count) empty messages",
                advice: "send the messages that the responses answer"
            )
        }
        guard drafts.count <= limits.messageCount else {
            throw tooLong(
                "conversation",
                limit: limits.messageCount,
                found: drafts.count,
                unit: "messages"
            )
        }
        var messages: [Conversation.Message] = []
        var bytes = 0
        for (index, draft) in drafts.enumerated() {
            guard let role = draft.role else { throw roleMissing(at: index) }
            bytes += draft.content.utf8.count
            messages.append(Conversation.Message(role: role, content: draft.content))
        }
        guard bytes <= limits.conversationBytes else {
            throw tooLong("conversation", limit: limits.conversationBytes, found: bytes)
        }
        return Conversation(messages)
    }

    func responses(
        _ responses: [CandidateResponse]
    ) throws(ScoringError) -> [CandidateResponse] {
        guard !responses.isEmpty, responses.count <= limits.responseCount else {
            throw ScoringError(
                .responseCount,
                subject: "responses",
                expected: "1 to \(limits.responseCount) responses",
                found: "\(responses.count)",
                advice: responses.isEmpty
                    ? "send the responses to be judged" : "split the responses over several calls"
            )
        }
        var bytes = 0
        for (index, response) in responses.enumerated() {
            let count = response.content.utf8.count
            guard count <= limits.responseBytes else {
                throw tooLong(
                    "responses[\(index)].content",
                    limit: limits.responseBytes,
                    found: count
                )
            }
            try identifier(response.id, subject: "responses[\(index)].id")
            bytes += count
        }
        guard bytes <= limits.responsesBytes else {
            throw tooLong("responses", limit: limits.responsesBytes, found: bytes)
        }
        return responses
    }

    func reference(_ reference: String?) throws(ScoringError) -> String? {
        guard let reference, !reference.isEmpty else { return nil }
        guard reference.utf8.count <= limits.referenceBytes else {
            throw tooLong(
                "reference",
                limit: limits.referenceBytes,
                found: reference.utf8.count
            )
        }
        return reference
    }

    func principles(_ principles: [Principle]) throws(ScoringError) -> [Principle] {
        guard principles.count <= limits.principleCount else {
            throw badPrinciples(
                "principles",
                expected: "at most \(limits.principleCount)",
                found: "\(principles.count)"
            )
        }
        for (index, principle) in principles.enumerated() {
            try check(principle, subject: "principles[\(index)]")
        }
        let weighted = principles.count { ($0.weight ?? 0) > 0 }
        guard weighted == 0 || weighted == principles.count else {
            throw badPrinciples(
                "principles.weight",
                expected: "a weight on every principle or on none",
                found: "\(weighted) of \(principles.count) weighted"
            )
        }
        guard weighted == 0 else { return principles }
        return principles.map { Principle(text: $0.text) }
    }

    // `isDeterministic`: every judgment would be the same, so it is one.
    func sampleCounts(
        _ draft: ScoreRequestDraft,
        isDeterministic: Bool
    ) throws(ScoringError) -> (min: Int, max: Int) {
        let limit = isDeterministic ? 1 : limits.sampleCount
        for (subject, value) in [("k_min", draft.kMin), ("k_max", draft.kMax)] {
            guard let value else { continue }
            guard value >= 1, value <= limit else {
                throw badSampleCount(
                    subject,
                    expected: isDeterministic
                        ? "1 judgment, as every one would be the same here"
                        : "1 to \(limit) judgments",
                    found: "\(value)"
                )
            }
        }
        let ceiling = min(defaults.kMax, limit)
        let kMax = draft.kMax ?? max(ceiling, draft.kMin ?? 1)
        let kMin = draft.kMin ?? min(defaults.kMin, kMax)
        guard kMin <= kMax else {
            throw badSampleCount("k_min", expected: "at most k_max = \(kMax)", found: "\(kMin)")
        }
        return (kMin, kMax)
    }

    func temperature(_ value: Double?) throws(ScoringError) -> Double {
        let temperature = value ?? defaults.temperature
        guard temperature >= 0, temperature <= limits.temperature else {
            throw ScoringError(
                .temperature,
                subject: "temperature",
                expected: "a number from 0 to \(limits.temperature)",
                found: "\(temperature)",
                advice: "use 0 for greedy judgments, or leave it unset"
            )
        }
        return temperature
    }

    func topP(_ value: Double?) throws(ScoringError) -> Double {
        let topP = value ?? defaults.topP
        guard topP > 0, topP <= 1 else {
            throw ScoringError(
                .topP,
                subject: "top_p",
                expected: "a number above 0 and at most 1",
                found: "\(topP)",
                advice: "use 1 to keep every token, or leave it unset"
            )
        }
        return topP
    }

    func identifiers(_ draft: ScoreRequestDraft) throws(ScoringError) {
        try identifier(draft.groupID, subject: "group_id")
        try identifier(draft.requestID, subject: "request_id")
        try identifier(draft.expectedGRM ?? "", subject: "expected_grm")
        try identifier(draft.expectedMetaRM ?? "", subject: "expected_meta_rm")
    }

    private func identifier(_ text: String, subject: String) throws(ScoringError) {
        guard text.utf8.count <= limits.identifierBytes else {
            throw tooLong(subject, limit: limits.identifierBytes, found: text.utf8.count)
        }
    }

    private func check(_ principle: Principle, subject: String) throws(ScoringError) {
        guard hasVisibleText(principle.text) else {
            throw badPrinciples("\(subject).text", expected: "visible text", found: "none")
        }
        guard principle.text.utf8.count <= limits.principleBytes else {
            throw tooLong(
                "\(subject).text",
                limit: limits.principleBytes,
                found: principle.text.utf8.count
            )
        }
        if let weight = principle.weight, !(weight >= 0 && weight.isFinite) {
            throw badPrinciples(
                "\(subject).weight",
                expected: "a finite number, 0 or above",
                found: "\(weight)"
            )
        }
    }

    private func roleMissing(at index: Int) -> ScoringError {
        ScoringError(
            .role,
            subject: "conversation[\(index)].role",
            expected: "system, user, assistant or tool",
            found: "no known role",
            advice: "say who wrote the message"
        )
    }

    private func tooLong(
        _ subject: String,
        limit: Int,
        found: Int,
        unit: String = "bytes"
    ) -> ScoringError {
        ScoringError(
            .textTooLong,
            subject: subject,
            expected: "at most \(limit) \(unit)",
            found: "\(found) \(unit)",
            advice: "send less; nothing is cut off silently"
        )
    }

    private func badSampleCount(_ subject: String, expected: String, found: String) -> ScoringError
    {
        ScoringError(
            .sampleCount,
            subject: subject,
            expected: expected,
            found: found,
            advice: "name a count in that range, or leave the field unset"
        )
    }

    private func badPrinciples(_ subject: String, expected: String, found: String) -> ScoringError {
        ScoringError(
            .principles,
            subject: subject,
            expected: expected,
            found: found,
            advice: "correct the principles, or send none and let the judge write its own"
        )
    }
}
