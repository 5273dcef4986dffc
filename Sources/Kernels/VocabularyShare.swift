private import CKernels

/// The logarithm of the probability that a row of logits gives one token.
///
/// - Parameters:
///   - token: Below `count`.
///   - logits: By token; a row may be longer than the vocabulary.
///   - count: Tokens of the vocabulary.
/// - Returns: nil if a logit is not finite.
///
/// Cost: one exponential a token of the vocabulary.
package func logProbability(of token: UInt32, in logits: Span<Float>, count: Int) -> Double? {
    precondition(logits.count >= count && token < count)
    // Safety: the row has at least `count` logits.
    let sum = unsafe logits.withUnsafeBufferPointer { logits in
        guard let start = logits.baseAddress else { return Double.nan }
        return unsafe ck_log_sum_exp(start, count)
    }
    return sum.isNaN ? nil : Double(logits[Int(token)]) - sum
}
