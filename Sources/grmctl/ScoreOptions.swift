import ArgumentParser
import Foundation
import SwiftProtobuf
import Wire

/// What a scoring request says on the command line; with a file, these win over what it says.
struct ScoreOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "The text that the responses answer.")
    var prompt: String?

    @Option(
        help: ArgumentHelp(
            "Instead of --prompt, a file with a JSON array of {\"role\", \"content\"}.",
            valueName: "path"
        ),
        completion: .file(extensions: ["json"])
    )
    var conversation: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A response to be judged; give it once for each.", valueName: "text")
    )
    var response: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("An answer that the judge may compare with.", valueName: "text")
    )
    var reference: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A principle that the judge must use; give it once for each.",
            valueName: "text"
        )
    )
    var principle: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            How responses are put before the judge: list (all in one prompt), isolated (each in its \
            own), pairwise, token-probability, likelihood, scalar, semi-scalar.
            """,
            valueName: "way"
        )
    )
    var mode: ModeName?

    @Option(help: "At most this many judgments.")
    var k: UInt32?

    @Option(help: "At least this many judgments.")
    var kMin: UInt32?

    @Option(
        help:
            "When to stop before --k: fixed is never, exact only when nothing can change any more."
    )
    var stopping: StoppingName?

    @Option(help: "The risk that stopping early changes the decision (guaranteed, predicted).")
    var stopRisk: Double?

    @Option(help: "Stop when every mean's 95% interval is narrower than this.")
    var scoreWidth: Float?

    @Option(help: "sampled: the written scores; expected: the means of the model's distributions.")
    var readout: ReadoutName?

    @Option(
        help:
            "Empty and degenerate responses: flag them, floor their scores, or reject the request."
    )
    var hostileInputs: HostileInputsName?

    @Option(help: "Judgments that the meta-RM keeps, the best first.")
    var kMeta: UInt32?

    @Option(help: "Judgments with a lower meta score do not count.")
    var metaThreshold: Float?

    @Option(
        help: "Kept principles: off, read (use them), read-write (use them, and keep new ones)."
    )
    var principleReuse: ReuseName?

    @Option(
        help: "What the judge has seen when it writes principles to keep: conversation, responses."
    )
    var principleWriting: WritingName?

    @Option(help: "0 takes the likeliest token; more is more various.")
    var temperature: Float?

    @Option(help: "Sample from the likeliest tokens that have this probability together.")
    var topP: Float?

    @Option(help: "The same seed, request and versions give the same judgments.")
    var seed: UInt64?

    @Option(help: "Tokens of one judgment before its last line; 0: no critique, the score at once.")
    var maxTokens: UInt32?

    /// The ways of judging by their names.
    enum ModeName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case list, isolated, pairwise, likelihood, scalar
        case tokenProbability = "token-probability"
        case semiScalar = "semi-scalar"

        var mode: Grm_V1_JudgingMode {
            switch self {
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

    /// The uses of kept principles by their names.
    enum ReuseName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case off, read
        case readWrite = "read-write"
    }

    /// What principles are written from, by its name.
    enum WritingName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case conversation, responses
    }

    /// The read-outs by their names.
    enum ReadoutName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case sampled, expected
    }

    /// The policies for hostile inputs by their names.
    enum HostileInputsName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case flag, floor, reject
    }

    /// The stopping rules by their names.
    enum StoppingName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case fixed, exact, guaranteed, predicted

        var rule: Grm_V1_StoppingRule {
            switch self {
            case .fixed: .fixed
            case .exact: .exact
            case .guaranteed: .guaranteed
            case .predicted: .predicted
            }
        }
    }

    /// Whether the command line has what only a file could have otherwise.
    var hasContent: Bool { prompt != nil || conversation != nil || !response.isEmpty }

    /// Checks what needs no daemon and no file.
    func check(hasFile: Bool) throws {
        if hasFile {
            guard !hasContent else {
                throw ValidationError(
                    "expected the request in a file or in --prompt and --response, found both"
                )
            }
            return
        }
        guard (prompt == nil) != (conversation == nil) else {
            throw ValidationError("expected one of --prompt, --conversation and --file")
        }
        guard !response.isEmpty else {
            throw ValidationError("expected at least one --response")
        }
    }

    /// The request that the command line alone makes.
    func request() throws(CommandError) -> Grm_V1_ScoreRequest {
        var request = Grm_V1_ScoreRequest()
        if let prompt {
            request.conversation = [
                .with {
                    $0.role = .user
                    $0.content = prompt
                }
            ]
        } else if let conversation {
            request.conversation = try RequestFile(conversation).conversation()
        }
        request.responses = response.map { text in .with { $0.content = text } }
        apply(to: &request)
        return request
    }

    /// Sets the fields that options are given for.
    func apply(to request: inout Grm_V1_ScoreRequest) {
        if let reference { request.reference = reference }
        if !principle.isEmpty {
            request.principles = principle.map { text in .with { $0.text = text } }
        }
        if let mode { request.mode = mode.mode }
        if let k { request.kMax = k }
        if let kMin { request.kMin = kMin }
        if let stopping { request.stopping = stopping.rule }
        if let stopRisk { request.stopRisk = stopRisk }
        if let scoreWidth { request.scoreWidth = scoreWidth }
        if let readout { request.readout = readout == .sampled ? .sampled : .expected }
        switch hostileInputs {
        case .flag: request.hostileInputs = .flag
        case .floor: request.hostileInputs = .floor
        case .reject: request.hostileInputs = .reject
        case nil: break
        }
        if let kMeta { request.kMeta = kMeta }
        if let metaThreshold { request.metaThreshold = metaThreshold }
        switch principleReuse {
        case .off: request.principleReuse = .off
        case .read: request.principleReuse = .read
        case .readWrite: request.principleReuse = .readWrite
        case nil: break
        }
        switch principleWriting {
        case .conversation: request.principleWriting = .conversation
        case .responses: request.principleWriting = .responses
        case nil: break
        }
        if let temperature { request.temperature = temperature }
        if let topP { request.topP = topP }
        if let seed { request.seed = seed }
        if let maxTokens { request.maxJudgmentTokens = maxTokens }
    }
}
