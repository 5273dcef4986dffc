private import CKernels

/// Draws tokens from the logits of a whole vocabulary.
///
/// Reuses its scratch; used by one thread.
package struct VocabularyDraw {
    private let count: Int
    private let excluded: [UInt32]
    private var weights: [Float]
    private var tokens: [UInt32]

    /// Makes scratch for the first `count` logits of a row.
    ///
    /// - Parameters:
    ///   - count: Tokens of the vocabulary.
    ///   - excluded: Tokens that are never drawn, ascending; not all.
    package init(count: Int, excluded: [UInt32]) {
        precondition(excluded.count < count && count < Int(UInt32.max))
        precondition(zip(excluded, excluded.dropFirst()).allSatisfy { $0 < $1 })
        precondition(excluded.last.map { Int($0) < count } ?? true)
        let room = (count + 15) / 16 * 16
        self.count = count
        self.excluded = excluded
        weights = [Float](repeating: 0, count: 2 * room)
        tokens = [UInt32](repeating: 0, count: room)
    }

    /// Draws token t with probability exp(logits[t] / temperature) / total.
    ///
    /// Weights are rounded to f32, within two units in the last place, and added in f64, in one order
    /// on every instruction set.
    ///
    /// - Parameters:
    ///   - logits: By token; a row may be longer than the vocabulary.
    ///   - temperature: 0 takes the largest logit, of equal ones the first.
    ///   - share: Below 1, only the smallest set of likeliest tokens whose weights reach this share
    ///     of the total is drawn from; of equally likely ones, the first.
    ///   - uniform: A number in [0, 1).
    /// - Returns: The token, or nil if a logit that may be drawn is not finite.
    ///
    /// Source: arXiv 1904.09751, Eq. 2 (the set).
    /// Cost: one exponential a token; with a share, two passes more.
    package mutating func token(
        from logits: Span<Float>,
        temperature: Float,
        share: Float,
        uniform: Double
    ) -> UInt32? {
        precondition(logits.count >= count && temperature >= 0 && uniform >= 0 && uniform < 1)
        // Safety: the row has at least `count` logits, the scratch was made for as many, and the
        // excluded tokens lie among them.
        let token = unsafe logits.withUnsafeBufferPointer { logits in
            unsafe excluded.withUnsafeBufferPointer { excluded in
                unsafe weights.withUnsafeMutableBufferPointer { weights in
                    unsafe tokens.withUnsafeMutableBufferPointer { tokens in
                        var draw = unsafe ck_draw(
                            logits: logits.baseAddress,
                            count: count,
                            excluded: excluded.baseAddress,
                            excluded_count: excluded.count,
                            temperature: temperature,
                            share: share,
                            uniform: uniform,
                            weights: weights.baseAddress,
                            tokens: tokens.baseAddress
                        )
                        return unsafe ck_draw_token(&draw)
                    }
                }
            }
        }
        return token == .max ? nil : token
    }
}
