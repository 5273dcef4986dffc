/// Looks for the first nonce of a sequence that no text holds.
struct NonceSearch {
    static let letterCount = 8
    /// Nonces are numbers below 26^8, written in letters.
    static let space: UInt64 = 208_827_064_576

    let texts: [[UInt8]]

    /// The nonce that a seed gives at the counter's position.
    static func candidate(seed: UInt64, counter: UInt64) -> UInt64 {
        var random = CounterRandom(seed: seed, stream: counter)
        return random.next() % space
    }

    static func letters(of nonce: UInt64) -> String {
        var letters: [UInt8] = []
        var rest = nonce
        for _ in 0..<letterCount {
            letters.append(UInt8(ascii: "a") + UInt8(rest % 26))
            rest /= 26
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    /// Cost: the texts' length times the logarithm of how many nonces they hold: candidates are
    /// tried in batches that grow, so that a text full of nonces cannot make the search quadratic.
    func firstFree(seed: UInt64, taken: UInt64?) -> UInt64 {
        var start: UInt64 = 0
        var batch: UInt64 = 1
        while true {
            let candidates = (start..<(start + batch)).map {
                Self.candidate(seed: seed, counter: $0)
            }
            let held = held(of: candidates)
            if let free = candidates.first(where: { !held.contains($0) && $0 != taken }) {
                return free
            }
            start += batch
            batch *= 8
        }
    }

    /// The candidates that stand in a text.
    private func held(of candidates: [UInt64]) -> Set<UInt64> {
        guard candidates.count > 1 else {
            let only = candidates.first
            var isHeld = false
            forEachWindow { isHeld = isHeld || $0 == only }
            return isHeld ? Set(candidates) : []
        }
        let wanted = Set(candidates)
        var held: Set<UInt64> = []
        forEachWindow { if wanted.contains($0) { held.insert($0) } }
        return held
    }

    /// Visits every run of eight letters in the texts, in either case, as a number.
    private func forEachWindow(_ visit: (UInt64) -> Void) {
        for text in texts {
            var window: UInt64 = 0
            var length = 0
            for byte in text {
                guard byte.isASCIILetter else {
                    window = 0
                    length = 0
                    continue
                }
                let letter = UInt64(byte.asciiLowered - UInt8(ascii: "a"))
                window = (window * 26 + letter) % Self.space
                length += 1
                if length >= Self.letterCount { visit(window) }
            }
        }
    }
}
