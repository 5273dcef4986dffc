extension UInt8 {
    var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    var isASCIISpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(asciiLowered) }
    /// The lower-case form of an ASCII letter; any other byte as it is.
    var asciiLowered: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension BidirectionalCollection<UInt8> {
    func hasSuffix(_ suffix: some BidirectionalCollection<UInt8>) -> Bool {
        var rest = self[...]
        for byte in suffix.reversed() {
            guard rest.popLast() == byte else { return false }
        }
        return true
    }

    /// Without the ASCII white space at the end.
    var trimmedEnd: SubSequence {
        var rest = self[...]
        while let last = rest.last, last.isASCIISpace { rest.removeLast() }
        return rest
    }

    /// Without the ASCII white space at both ends.
    var trimmed: SubSequence { trimmedEnd.drop { $0.isASCIISpace } }
}
