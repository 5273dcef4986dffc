package import Scoring

extension Grm_V1_ScoreReply {
    /// The scores, stop reason and warnings of a verdict; what the daemon knows besides (versions,
    /// timings, usage, judgments) is set by the daemon.
    package init(_ verdict: Verdict, of request: ScoreRequest) {
        self.init()
        scores = verdict.scores.indices.map {
            Grm_V1_ResponseScore(verdict, of: request, index: $0)
        }
        kCounted = UInt32(verdict.kCounted)
        kDrawn = UInt32(verdict.kDrawn)
        stopReason = Grm_V1_StopReason(verdict.stopReason)
        if let bound = verdict.stopBound { stopBound = bound }
        if let limit = verdict.kLimit { kLimit = UInt32(limit) }
        if let count = request.kMeta { kMeta = UInt32(count) }
        if let threshold = request.metaThreshold { metaThreshold = threshold }
        warnings = verdict.warnings.map(Grm_V1_Warning.init)
        seed = request.seed
        groupID = request.groupID
        requestID = request.requestID
        mode = Grm_V1_JudgingMode(request.mode)
        readout = request.readout == .expected ? .expected : .sampled
        let sources = Set(verdict.judgments.map { Grm_V1_PrincipleSource($0.principleSource) })
        if sources.count == 1, let source = sources.first { principleSource = source }
    }
}

extension Grm_V1_ResponseScore {
    fileprivate init(_ verdict: Verdict, of request: ScoreRequest, index: Int) {
        self.init()
        let score = verdict.scores[index]
        self.index = UInt32(index)
        id = request.responses[index].id
        // A sum of whole numbers; expected scores have none.
        if request.readout == .sampled, request.mode.sumsIntegers { total = score.total }
        mean = score.mean
        floored = score.isFloored
        if let spread = score.spread { self.spread = spread }
        rank = UInt32(score.rank)
        flags = request.responseFlags[index].map(Grm_V1_ResponseFlag.init)
    }
}

extension Grm_V1_JudgingMode {
    fileprivate init(_ mode: JudgingMode) {
        self =
            switch mode {
            case .list: .list
            case .isolated: .isolated
            case .pairwise: .pairwise
            case .tokenProbability: .tokenProbability
            case .likelihood: .likelihood
            case .scalar: .scalar
            case .semiScalar: .semiScalar
            }
    }
}

extension Grm_V1_PrincipleSet {
    /// A kept set as the reply names it.
    package init(_ set: KeptPrinciples.Set) {
        self.init()
        id = set.id
        principles = set.principles.map(Grm_V1_Principle.init)
    }
}

extension Grm_V1_StopReason {
    fileprivate init(_ reason: StopReason) {
        self =
            switch reason {
            case .kMax: .kMax
            case .exact: .exact
            case .guaranteed: .guaranteed
            case .predicted: .predicted
            case .width: .width
            case .load: .load
            case .deadline: .deadline
            }
    }
}

extension Grm_V1_Warning {
    fileprivate init(_ warning: ScoringWarning) {
        self.init()
        detail = warning.detail
        code =
            switch warning {
            case .judgmentsLost: .judgmentsLost
            case .judgmentsTruncated: .judgmentsTruncated
            case .orderUnbalanced: .orderUnbalanced
            case .kMetaOne: .kMetaOne
            case .stoppingExactOnly: .stoppingExactOnly
            case .principleCacheOff: .principleCacheOff
            }
    }
}

extension Grm_V1_ErrorDetail {
    /// The detail of a request that was refused or failed.
    package init(_ error: ScoringError) {
        self.init()
        code = Grm_V1_ErrorCode(error.code)
        subject = error.subject
        expected = error.expected
        found = error.found
        advice = error.advice
    }
}

extension Grm_V1_ErrorCode {
    fileprivate init(_ code: ScoringError.Code) {
        self =
            switch code {
            case .conversationEmpty: .conversationEmpty
            case .responseCount: .responseCount
            case .textTooLong: .textTooLong
            case .sampleCount: .sampleCount
            case .temperature: .temperature
            case .topP: .topP
            case .role: .role
            case .principles: .principles
            case .mode: .mode
            case .notSupported: .notSupported
            case .tokenBudget: .tokenBudget
            case .stopping: .stoppingRule
            case .hostileInput: .hostileInput
            case .contextOverflow: .contextOverflow
            case .versionMismatch: .versionMismatch
            case .badLogits: .badLogits
            case .noJudgment: .noJudgment
            case .versionUnusable: .versionUnusable
            }
    }
}
