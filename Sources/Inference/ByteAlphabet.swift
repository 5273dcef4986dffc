/// The byte-to-unicode alphabet in which byte-level BPE writes its tokens.
///
/// Bytes that are printable and visible in Latin-1 stand for themselves; the others (control
/// characters, both spaces, the soft hyphen) take the scalars from U+0100 on, in byte order.
/// Source: the GPT-2 release, `bytes_to_unicode`.
package enum ByteAlphabet {
    /// The scalar that writes each byte.
    ///
    /// Shape: [256].
    package static let scalars: [Unicode.Scalar] = {
        var next: UInt8 = 0
        return (UInt8.min...UInt8.max).map { byte in
            if standsForItself(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            return Unicode.Scalar(Unicode.Scalar("\u{100}").value + UInt32(next)) ?? "\u{100}"
        }
    }()

    /// The byte that each scalar below U+0144 writes; nil where there is none.
    ///
    /// Shape: [0x144].
    private static let bytesByScalar: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
        return table
    }()

    /// The byte that a scalar writes, or nil if it is not in the alphabet.
    package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
        scalar.value < bytesByScalar.count ? bytesByScalar[Int(scalar.value)] : nil
    }

    /// The bytes that a token's text writes, or nil if some scalar of it is not in the alphabet.
    package static func bytes(of token: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.utf8.count)
        for scalar in token.unicodeScalars {
            guard let byte = byte(of: scalar) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The text that writes bytes in the alphabet.
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(scalars[Int(byte)]) }
        return String(text)
    }

    private static func standsForItself(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
    }
}
