package import Store

/// The sizes of a decoder, checked against one another and against caps.
package struct ModelShape: Hashable, Sendable {
    package let layerCount: Int
    package let width: Int
    package let queryHeads: Int
    package let keyValueHeads: Int
    package let headWidth: Int
    package let feedForwardWidth: Int
    package let vocabularyCount: Int
    /// The longest sequence the model was made for.
    package let contextTokens: Int
    package let ropeBase: Float
    package let normEpsilon: Float
    /// Whether the output matrix is the embedding.
    package let tiesEmbeddings: Bool

    /// Reads the sizes of a stored version.
    ///
    /// - Throws: `InferenceError.invalidModel` for a size that is zero, over its cap, or at odds with
    ///   another.
    package init(_ record: Hyperparameters) throws(InferenceError) {
        layerCount = try Self.checked("layers", record.layerCount, 1...1024)
        width = try Self.checked("width", record.width, 32...65_536, multipleOf: 32)
        queryHeads = try Self.checked("heads", record.headCount, 1...1024)
        keyValueHeads = try Self.checked("key-value heads", record.kvHeadCount, 1...1024)
        headWidth = try Self.checked("head width", record.headWidth, 16...256, multipleOf: 16)
        feedForwardWidth = try Self.checked(
            "feed-forward width",
            record.feedForwardWidth,
            32...65_536,
            multipleOf: 32
        )
        vocabularyCount = try Self.checked("vocabulary", record.vocabularyCount, 1...1 << 20)
        contextTokens = try Self.checked("context", record.contextTokens, 1...1 << 20)
        ropeBase = record.ropeBase
        normEpsilon = record.normEpsilon
        tiesEmbeddings = record.tiedEmbeddings
        guard queryHeads.isMultiple(of: keyValueHeads) else {
            throw InferenceError(
                .invalidModel,
                subject: "heads",
                expected: "a multiple of \(keyValueHeads) key-value heads",
                found: "\(queryHeads)"
            )
        }
        guard (queryHeads * headWidth).isMultiple(of: 32) else {
            throw InferenceError(
                .invalidModel,
                subject: "heads x head width",
                expected: "a multiple of 32",
                found: "\(queryHeads * headWidth)"
            )
        }
        guard ropeBase.isFinite, ropeBase >= 1, normEpsilon.isFinite, normEpsilon > 0 else {
            throw InferenceError(
                .invalidModel,
                subject: "rope base and norm epsilon",
                expected: "finite, at least 1 and above 0",
                found: "\(ropeBase), \(normEpsilon)"
            )
        }
    }

    private static func checked(
        _ subject: String,
        _ value: UInt32,
        _ range: ClosedRange<Int>,
        multipleOf unit: Int = 1
    ) throws(InferenceError) -> Int {
        guard let value = Int(exactly: value), range.contains(value), value.isMultiple(of: unit)
        else {
            let multiple = unit == 1 ? "" : ", a multiple of \(unit)"
            throw InferenceError(
                .invalidModel,
                subject: subject,
                expected: "\(range.lowerBound) to \(range.upperBound)\(multiple)",
                found: "\(value)"
            )
        }
        return value
    }
}
