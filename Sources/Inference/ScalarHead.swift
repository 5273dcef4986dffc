/// A row of weights that turns the last hidden state of a text into one number.
package struct ScalarHead: Hashable, Sendable {
    /// What a version can bring a head for.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The number is what the model was trained to give: a reward, or a meta-RM's logit.
        case score
        /// The number is the logit that a judgment of the same model is right.
        case probe

        /// The name of its weights in the store.
        package var weightName: String { rawValue + ".weight" }
        /// The name of its bias in the store.
        package var biasName: String { rawValue + ".bias" }
    }

    /// The tensors that a version may have for its heads, by name.
    ///
    /// Shapes: [count] of a vector.
    package static func tensorShapes(_ shape: ModelShape) -> [String: [Int]] {
        var shapes: [String: [Int]] = [:]
        for kind in Kind.allCases {
            shapes[kind.weightName] = [shape.width]
            shapes[kind.biasName] = [1]
        }
        return shapes
    }

    /// What the hidden state is multiplied with.
    ///
    /// Shape: [width]
    let weight: [Float]
    let bias: Float

    /// The number that a normed hidden state gives, or nil if it is not finite.
    ///
    /// Products are added in f64, in order.
    func value(of hidden: [Float]) -> Float? {
        precondition(hidden.count == weight.count)
        let sum = zip(hidden, weight).reduce(Double(bias)) { $0 + Double($1.0) * Double($1.1) }
        let value = Float(sum)
        return value.isFinite ? value : nil
    }
}
