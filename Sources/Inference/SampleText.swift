/// One sample as a state machine: fed with drawn tokens, it says what may be drawn next, which
/// tokens have to go through the decoder, what has to be read, and when it is done.
///
/// No arithmetic, no clock.
package struct SampleText: Sendable {
    private enum Stage: Hashable, Sendable {
        /// So many given tokens have their probability.
        case reading(Int)
        case free
        case choice(Int, path: [TokenID])
        /// A choice is weighed: its places of choice but the first are visited one after the other,
        /// and then the token that was picked at the first is taken.
        case detour(Int, path: [TokenID], pick: TokenID, places: ArraySlice<[TokenID]>)
        /// The head waits for the last token's hidden state.
        case head(ScalarHead.Kind)
        case done
    }

    /// What may be drawn next.
    package enum Allowed: Hashable, Sendable {
        /// Any token but the control tokens; the end token is allowed.
        case free
        /// One of these, ascending.
        case only([TokenID])
    }

    /// What the plan wanted to know beside the text.
    package struct Readings: Hashable, Sendable {
        /// The logarithm of the probability of the given tokens together.
        package var logProbability = 0.0
        /// For each choice the model's probability of each sequence, at temperature 1.
        ///
        /// Shape: [choices][sequences]
        package var choiceWeights: [[Double]] = []
        package var headValue: Float?
    }

    /// Every token after the prompt, in order.
    package private(set) var tokens: [TokenID] = []
    /// Tokens that have not been through the decoder yet.
    package private(set) var pendingCount = 0
    /// The free stage ended since its budget was used up.
    package private(set) var isTruncated = false
    /// Tokens that were drawn (not forced).
    package private(set) var drawnCount = 0
    package private(set) var readings = Readings()
    private var bytes: [UInt8] = []
    private var stage: Stage
    /// The model's probability of each token at the places of the present choice, by path.
    private var places: [[TokenID]: [TokenID: Double]] = [:]
    private let plan: GenerationPlan
    private let tokenizer: Tokenizer

    /// Begins a plan; what it gives or forces at once stands in `tokens` already.
    package init(plan: GenerationPlan, tokenizer: Tokenizer) {
        self.plan = plan
        self.tokenizer = tokenizer
        stage = .reading(0)
        if let given = plan.given {
            tokens = given.tokens
            pendingCount = tokens.count
        }
        if plan.given?.isRead != true || tokens.isEmpty { beginFree() }
    }

    /// Whether nothing more is drawn or read.
    package var isDone: Bool { stage == .done }

    /// The generated text; bytes that are not UTF-8 are repaired.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The tokens that were generated or forced: all but the given ones.
    package var addedTokens: [TokenID] { Array(tokens.dropFirst(givenCount)) }

    private var givenCount: Int { plan.given?.tokens.count ?? 0 }

    /// What the next draw may be, or nil where none is made.
    package var allowed: Allowed? {
        switch stage {
        case .free: .free
        case .choice(let index, let path): .only(options(index, path))
        case .detour(let index, _, _, let places):
            places.first.map { .only(options(index, $0)) }
        case .reading, .head, .done: nil
        }
    }

    /// Whether the probabilities of what is allowed are wanted with the next draw.
    package var wantsWeights: Bool {
        switch stage {
        case .choice(let index, _): plan.weighsChoices && readings.choiceWeights.count == index
        case .detour: true
        case .reading, .free, .head, .done: false
        }
    }

    /// The head that waits for the last hidden state.
    package var waitingHead: ScalarHead.Kind? {
        if case .head(let kind) = stage, pendingCount == 0 { kind } else { nil }
    }

    /// The given token that stands at a place, if its probability is wanted.
    package func readToken(at place: Int) -> TokenID? {
        guard let given = plan.given, given.isRead, given.tokens.indices.contains(place)
        else { return nil }
        return given.tokens[place]
    }

    // MARK: Feeding

    /// The next tokens for the decoder, and the place of the first of them behind the prompt.
    package func pending(_ count: Int) -> (tokens: [TokenID], place: Int) {
        precondition(count <= pendingCount)
        guard case .detour(_, let path, _, let places) = stage, let place = places.first else {
            let first = tokens.count - pendingCount
            return (Array(tokens[first..<first + count]), first)
        }
        let first = place.count - pendingCount
        let start = tokens.count + first - path.count
        return (Array(place[first..<first + count]), start)
    }

    /// Tokens that the decoder has taken.
    package mutating func feed(_ count: Int) {
        precondition(count <= pendingCount)
        pendingCount -= count
    }

    // MARK: Reading

    /// Takes the logarithm of the next given token's probability.
    package mutating func read(logProbability: Double) {
        guard case .reading(let count) = stage else {
            preconditionFailure("nothing is read at this stage")
        }
        readings.logProbability += logProbability
        stage = .reading(count + 1)
        if count + 1 == tokens.count { beginFree() }
    }

    /// Takes the head's number.
    package mutating func read(headValue: Float) {
        precondition(waitingHead != nil)
        readings.headValue = headValue
        stage = .done
    }

    // MARK: Drawing

    /// Takes a drawn token; with the probabilities of what was allowed, where they are wanted.
    ///
    /// On a detour the token means nothing: only the probabilities are taken.
    package mutating func accept(_ token: TokenID, weights: [Double] = []) {
        switch stage {
        case .free:
            drawnCount += 1
            acceptFree(token)
        case .choice(let index, let path):
            drawnCount += 1
            let isWeighed = wantsWeights
            if isWeighed { note(weights, of: index, at: path) }
            let rest = isWeighed ? branches(index).dropFirst() : []
            guard rest.isEmpty else { return visit(index, path, token, rest) }
            if isWeighed { endWeighing(index) }
            advance(index, path + [token], adding: [token])
        case .detour(let index, let path, let pick, let places):
            note(weights, of: index, at: places[places.startIndex])
            guard places.count == 1 else { return visit(index, path, pick, places.dropFirst()) }
            endWeighing(index)
            advance(index, path + [pick], adding: [pick])
        case .reading, .head, .done:
            preconditionFailure("no token is drawn at this stage")
        }
    }

    /// Ends the free text now, as if its budget were used up.
    package mutating func hurry() {
        if case .free = stage, let free = plan.free { truncate(free) }
    }

    private mutating func beginFree() {
        guard let free = plan.free else { return beginChoice(0) }
        stage = .free
        if free.tokenCountMax <= 0 { truncate(free) }
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
        if tokens.count - givenCount >= free.tokenCountMax { truncate(free) }
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
        let room = free.tokenCountMax + stop.text.utf8.count - (tokens.count - givenCount)
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
            stage = plan.head.map(Stage.head) ?? .done
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
                    // One without an alternative has nothing to weigh.
                    if plan.weighsChoices, readings.choiceWeights.count == index {
                        readings.choiceWeights.append([1])
                    }
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

    // MARK: Weighing

    /// The beginnings of a choice's sequences behind which more than one token is possible, shortest
    /// first; the first is the beginning of all.
    private func branches(_ index: Int) -> [[TokenID]] {
        var beginnings: Set<[TokenID]> = []
        for sequence in plan.choices[index] {
            for count in sequence.indices { beginnings.insert(Array(sequence[..<count])) }
        }
        return beginnings.filter { options(index, $0).count > 1 }
            .sorted { left, right in
                left.count == right.count
                    ? left.lexicographicallyPrecedes(right) : left.count < right.count
            }
    }

    private mutating func note(_ weights: [Double], of index: Int, at path: [TokenID]) {
        let tokens = options(index, path)
        precondition(weights.count == tokens.count)
        places[path] = Dictionary(uniqueKeysWithValues: zip(tokens, weights))
    }

    /// Goes to the first of some places of choice, to see what the model gives there.
    private mutating func visit(
        _ index: Int,
        _ path: [TokenID],
        _ pick: TokenID,
        _ rest: ArraySlice<[TokenID]>
    ) {
        stage = .detour(index, path: path, pick: pick, places: rest)
        pendingCount = (rest.first?.count ?? path.count) - path.count
    }

    /// The probability of a sequence is the product of its tokens' at its places of choice.
    private mutating func endWeighing(_ index: Int) {
        let weights = plan.choices[index].map { sequence in
            sequence.indices.reduce(1.0) { product, position in
                let place = places[Array(sequence[..<position])]
                return product * (place?[sequence[position]] ?? 1)
            }
        }
        readings.choiceWeights.append(weights)
        places = [:]
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
