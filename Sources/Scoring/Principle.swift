/// A criterion of judgment, sent by the caller or written by the judge.
package struct Principle: Hashable, Sendable {
    /// What to look for.
    package var text: String
    /// The relative weight; nil where none was given.
    package var weight: Double?

    /// Makes a principle.
    package init(text: String, weight: Double? = nil) {
        self.text = text
        self.weight = weight
    }
}
