package import Scoring

extension ScoreRequestDraft {
    /// Takes a request off the wire.
    ///
    /// Nothing is checked but that enum numbers are known: a number of a later release must not
    /// silently mean "default".
    ///
    /// - Throws: `ScoringError.notSupported` naming the field.
    package init(_ message: Grm_V1_ScoreRequest) throws(ScoringError) {
        self.init()
        conversation = message.conversation.map {
            Message(role: Role($0.role), content: $0.content)
        }
        responses = message.responses.map { CandidateResponse(content: $0.content, id: $0.id) }
        reference = message.hasReference ? message.reference : nil
        principles = message.principles.map {
            Principle(text: $0.text, weight: $0.hasWeight ? Double($0.weight) : nil)
        }
        mode = try known(message.mode, "mode") { JudgingMode($0) }
        readout = try known(message.readout, "readout") { ScoreReadout($0) }
        stopping = try known(message.stopping, "stopping") { StoppingRule($0) }
        principleReuse = try known(message.principleReuse, "principle_reuse") {
            PrincipleReuse($0)
        }
        principleWriting = try known(message.principleWriting, "principle_writing") {
            PrincipleWriting($0)
        }
        hostileInputs = try known(message.hostileInputs, "hostile_inputs") {
            HostileInputPolicy($0)
        }
        for part in message.replyParts {
            if let part = try known(part, "reply_parts", { ReplyPart($0) }) {
                replyParts.insert(part)
            }
        }
        takeSampling(message)
        groupID = message.groupID
        requestID = message.requestID
        expectedGRM = message.hasExpectedGrm ? message.expectedGrm : nil
        expectedMetaRM = message.hasExpectedMetaRm ? message.expectedMetaRm : nil
    }

    private mutating func takeSampling(_ message: Grm_V1_ScoreRequest) {
        kMin = message.hasKMin ? Int(message.kMin) : nil
        kMax = message.hasKMax ? Int(message.kMax) : nil
        kMeta = message.hasKMeta ? Int(message.kMeta) : nil
        metaThreshold = message.hasMetaThreshold ? Double(message.metaThreshold) : nil
        stopRisk = message.hasStopRisk ? message.stopRisk : nil
        scoreWidth = message.hasScoreWidth ? Double(message.scoreWidth) : nil
        temperature = message.hasTemperature ? Double(message.temperature) : nil
        topP = message.hasTopP ? Double(message.topP) : nil
        seed = message.hasSeed ? message.seed : nil
        maxJudgmentTokens = message.hasMaxJudgmentTokens ? Int(message.maxJudgmentTokens) : nil
    }
}

/// A field's value, nil for the unspecified number 0.
private func known<Number: RawRepresentable<Int>, Value>(
    _ number: Number,
    _ field: String,
    _ convert: (Number) -> Value?
) throws(ScoringError) -> Value? {
    if let value = convert(number) { return value }
    guard number.rawValue == 0 else {
        throw ScoringError(
            .notSupported,
            subject: field,
            expected: "a number that this release knows",
            found: "\(number.rawValue)",
            advice: "use a grmd of the release that defines it"
        )
    }
    return nil
}

extension Role {
    fileprivate init?(_ role: Grm_V1_Role) {
        switch role {
        case .system: self = .system
        case .user: self = .user
        case .assistant: self = .assistant
        case .tool: self = .tool
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension JudgingMode {
    fileprivate init?(_ mode: Grm_V1_JudgingMode) {
        switch mode {
        case .list: self = .list
        case .isolated: self = .isolated
        case .pairwise: self = .pairwise
        case .tokenProbability: self = .tokenProbability
        case .likelihood: self = .likelihood
        case .scalar: self = .scalar
        case .semiScalar: self = .semiScalar
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension ScoreReadout {
    fileprivate init?(_ readout: Grm_V1_ScoreReadout) {
        switch readout {
        case .sampled: self = .sampled
        case .expected: self = .expected
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension StoppingRule {
    fileprivate init?(_ rule: Grm_V1_StoppingRule) {
        switch rule {
        case .fixed: self = .fixed
        case .exact: self = .exact
        case .guaranteed: self = .guaranteed
        case .predicted: self = .predicted
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension PrincipleReuse {
    fileprivate init?(_ reuse: Grm_V1_PrincipleReuse) {
        switch reuse {
        case .off: self = .off
        case .read: self = .read
        case .readWrite: self = .readWrite
        case .fixed: self = .fixed
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension PrincipleWriting {
    fileprivate init?(_ writing: Grm_V1_PrincipleWriting) {
        switch writing {
        case .conversation: self = .conversation
        case .responses: self = .responses
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension HostileInputPolicy {
    fileprivate init?(_ policy: Grm_V1_HostileInputPolicy) {
        switch policy {
        case .flag: self = .flag
        case .floor: self = .floor
        case .reject: self = .reject
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension ReplyPart {
    fileprivate init?(_ part: Grm_V1_ReplyPart) {
        switch part {
        case .principles: self = .principles
        case .critique: self = .critique
        case .text: self = .text
        case .tokens: self = .tokens
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}
