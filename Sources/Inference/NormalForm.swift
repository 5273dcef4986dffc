private import Foundation

/// A text in the normal form NFC: what can be written as one scalar or as several is one.
///
/// Source: Unicode Standard Annex 15. Foundation's tables are of an older Unicode version than those
/// of the reference, so that rows of marks that are rare or new may come out in another order.
/// Cost: one look at each byte where no scalar is a mark or composed of marks, which is so below
/// U+0300 and for most text of most languages.
func normalFormC(_ text: String) -> String {
    // A lead byte from 0xCC on begins a scalar from U+0300 on; below, nothing joins or comes apart.
    guard text.utf8.contains(where: { $0 >= 0xCC }) else { return text }
    return text.precomposedStringWithCanonicalMapping
}
