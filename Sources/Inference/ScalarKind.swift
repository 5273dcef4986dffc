/// The four kinds of scalars that a pre-tokenizer tells apart.
///
/// Letters are those of Unicode 16 and numbers those of Unicode 17, whatever the toolchain knows:
/// the ids of a text must not change when Swift does.
/// Source: tokenizers 0.23.3, whose two steps have these versions (letters by Oniguruma, the
/// `Digits` step by Rust); compared scalar by scalar. The 13 numbers that Unicode 17 added are no
/// numbers in its "gpt-2" pattern, which has no `Digits` step; here they are.
package enum ScalarKind: Sendable {
    case letter, number, space, other

    private static let letterVersion = 16
    private static let numberVersion = 17

    /// The kind of an ASCII character.
    package init(ascii byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            self = .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
        case UInt8(ascii: " "), 0x09...0x0D: self = .space
        default: self = .other
        }
    }

    /// The kind of any scalar: general categories L and N, and the property White_Space.
    package init(of scalar: Unicode.Scalar) {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            self = Self.isKnown(properties, in: Self.letterVersion) ? .letter : .other
        case .decimalNumber, .letterNumber, .otherNumber:
            self = Self.isKnown(properties, in: Self.numberVersion) ? .number : .other
        default:
            self = properties.isWhitespace ? .space : .other
        }
    }

    private static func isKnown(_ properties: Unicode.Scalar.Properties, in version: Int) -> Bool {
        (properties.age?.major ?? .max) <= version
    }
}
