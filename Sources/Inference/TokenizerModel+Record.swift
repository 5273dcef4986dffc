package import Store

extension TokenizerModel {
    /// Takes a tokenizer as the store keeps it.
    package init(_ record: TokenizerRecord) {
        self.init(
            tokens: record.tokens,
            merges: record.merges,
            controlIDs: record.controlIds,
            preTokenizer: record.preTokenizer
        )
        beginID = record.hasBeginID ? record.beginID : nil
        endID = record.hasEndID ? record.endID : nil
        paddingID = record.hasPaddingID ? record.paddingID : nil
        addsBegin = record.addsBegin
    }

    /// The tokenizer as the store keeps it.
    package var record: TokenizerRecord {
        var record = TokenizerRecord()
        record.tokens = tokens
        record.merges = merges
        record.controlIds = controlIDs
        record.preTokenizer = preTokenizer
        if let beginID { record.beginID = beginID }
        if let endID { record.endID = endID }
        if let paddingID { record.paddingID = paddingID }
        record.addsBegin = addsBegin
        return record
    }
}
