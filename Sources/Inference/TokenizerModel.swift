/// Everything that defines a byte-level BPE tokenizer, as read from a model file and not yet checked.
package struct TokenizerModel: Sendable, Equatable {
    /// Token texts by id, in the byte-to-unicode alphabet of byte-level BPE.
    package var tokens: [String]
    /// Merges in order of rank: two token texts with one space between them.
    package var merges: [String]
    /// Ids that are never made from text.
    package var controlIDs: [UInt32]
    /// How text is cut into words before the merges, such as "smollm".
    package var preTokenizer: String
    /// The token that begins a text, if the model has one.
    package var beginID: UInt32?
    /// The token that ends an answer, if the model has one.
    package var endID: UInt32?
    /// The token that fills up a batch, if the model has one.
    package var paddingID: UInt32?
    /// Whether a prompt has to start with `beginID`.
    package var addsBegin: Bool

    /// Makes a model of a vocabulary; the special ids are absent until they are set.
    package init(
        tokens: [String],
        merges: [String],
        controlIDs: [UInt32] = [],
        preTokenizer: String
    ) {
        self.tokens = tokens
        self.merges = merges
        self.controlIDs = controlIDs
        self.preTokenizer = preTokenizer
        beginID = nil
        endID = nil
        paddingID = nil
        addsBegin = false
    }
}
