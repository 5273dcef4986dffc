/// One sample as a state machine: fed with drawn tokens, it says what may be drawn next, which
/// tokens have to go through the decoder, and when it is done.
///
/// No arithmetic, no clock.
package struct SampleText: Sendable {
    private enum Stage: Hashable, Sendable {
        case free
        case choice(Int, path: [TokenID])
        case done
    }

    /// What may be drawn next.
    package enum Allowed: Hashable, Sendable {
        /// Any token but the control tokens; the end token is allowed.
        case free
        /// One of these, ascending.
        case only([TokenID])
    }

    /// Every token after the prompt, in order.
    package private(set) var tokens: [TokenID] = []
    /// Tokens that have not been through the decoder yet: the tail of `tokens`.
    package private(set) var pendingCount = 0
    /// The free stage ended since its budget was used up.
    package private(set) var isTruncated = false
    /// Tokens that were drawn (not forced).
    package private(set) var drawnCount = 0
    private var bytes: [UInt8] = []
    private var stage: Stage
    private let plan: GenerationPlan
    private let tokenizer: Tokenizer

    /// Begins a plan; what it forces at once stands in `tokens` already.
    package init(plan: GenerationPlan, tokenizer: Tokenizer) {
        self.plan = plan
        self.tokenizer = tokenizer
        stage = .free
        if let free = plan.free {
            if free.tokenCountMax <= 0 { truncate(free) }
        } else {
            beginChoice(0)
        }
    }

    /// Whether nothing more is drawn.
    package var isDone: Bool { stage == .done }

    /// The generated text; bytes that are not UTF-8 are repaired.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What the next draw may be, or nil when the sample is done.
    package var allowed: Allowed? {
        switch stage {
        case .free: .free
        case .choice(let index, let path): .only(options(index, path))
        case .done: nil
        }
    }

    /// Tokens that the decoder has taken.
    package mutating func feed(_ count: Int) {
        precondition(count <= pendingCount)
        pendingCount -= count
    }

    /// Takes a drawn token.
    package mutating func accept(_ token: TokenID) {
        drawnCount += 1
        switch stage {
        case .free: acceptFree(token)
        case .choice(let index, let path): advance(index, path + [token], adding: [token])
        case .done: preconditionFailure("a finished sample takes no token")
        }
    }

    private mutating func append(_ new: [TokenID]) {
        append(new, bytes: new.flatMap(tokenizer.bytes))
    }

    private mutating func append(_ new: [TokenID], bytes newBytes: some Sequence<UInt8>) {
        bytes += newBytes
        tokens += new
        pendingCount += new.count
    }

    // MARK: Free text

    private mutating func acceptFree(_ token: TokenID) {
        guard let free = plan.free else { return }
        if token == tokenizer.endID, !free.ignoresEnd { return endFree(forcing: free.otherwise) }
        if endFree(at: token, of: free) { return }
        append([token])
        if tokens.count >= free.tokenCountMax { truncate(free) }
    }

    private mutating func truncate(_ free: GenerationPlan.FreeText) {
        isTruncated = true
        endFree(forcing: free.otherwise)
    }

    /// Ends the stage if the token completes a stop; of several the one that ends first, then the
    /// one that stands first in the plan.
    ///
    /// The token may reach beyond the stop: then what belongs to the text is encoded anew in its
    /// place, which is possible since it was not fed yet. The text keeps its bytes as they were
    /// drawn, also where they are the second half of a character that no encoding gives. Should the
    /// new tokens be more than the plan has room for, the last ones stay: they hold the stop.
    private mutating func endFree(at token: TokenID, of free: GenerationPlan.FreeText) -> Bool {
        let addition = tokenizer.bytes(of: token)
        var first: (stop: GenerationPlan.Stop, end: Int)?
        for stop in free.stops {
            guard let end = endOfStop(Array(stop.text.utf8), with: addition) else { continue }
            if end < first?.end ?? .max { first = (stop, end) }
        }
        guard let (stop, end) = first else { return false }
        let kept = addition[..<end]
        let room = free.tokenCountMax + stop.text.utf8.count - tokens.count
        let encoded = tokenizer.encode(String(decoding: kept, as: UTF8.self))
        append(end == addition.count ? [token] : encoded.suffix(room), bytes: kept)
        endFree(forcing: stop.then)
        return true
    }

    /// How many of the new bytes belong to the text if a stop ends in them.
    private func endOfStop(_ pattern: [UInt8], with addition: [UInt8]) -> Int? {
        guard !pattern.isEmpty else { return nil }
        let overlap = min(bytes.count, pattern.count - 1)
        let window = Array(bytes.suffix(overlap)) + addition
        return window.firstIndex(of: pattern).map { $0 + pattern.count - overlap }
    }

    private mutating func endFree(forcing forced: [TokenID]) {
        append(forced)
        beginChoice(0)
    }

    // MARK: Choices

    private func options(_ index: Int, _ path: [TokenID]) -> [TokenID] {
        let next = plan.choices[index].filter { $0.starts(with: path) && $0.count > path.count }
        return Set(next.map { $0[path.count] }).sorted()
    }

    private mutating func beginChoice(_ index: Int) {
        guard index < plan.choices.count else {
            stage = .done
            return
        }
        advance(index, [], adding: [])
    }

    /// Adds tokens to the choice and everything after them that has no alternative.
    private mutating func advance(_ index: Int, _ path: [TokenID], adding new: [TokenID]) {
        append(new)
        var path = path
        while true {
            let next = options(index, path)
            guard next.count == 1 else {
                if next.isEmpty {
                    beginChoice(index + 1)
                } else {
                    stage = .choice(index, path: path)
                }
                return
            }
            append(next)
            path += next
        }
    }
}

extension [UInt8] {
    /// Where a pattern first occurs.
    ///
    /// Short texts: the plain search.
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        guard !pattern.isEmpty, count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[$0..<$0 + pattern.count] == pattern[...] }
    }
}
