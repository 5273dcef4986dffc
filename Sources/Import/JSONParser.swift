/// Reads JSON of a file that is not trusted, strictly.
///
/// Unlike the decoder of Foundation it refuses a key that stands twice in an object, counts values
/// against a limit, and does not round numbers.
/// Source: RFC 8259.
struct JSONParser {
    private let name: String
    private let bytes: [UInt8]
    private let valueCountMax: Int
    private var place = 0
    private var valueCount = 0

    /// Objects in objects: a configuration needs four.
    static let depthMax = 16
    /// The longest number: 17 digits, a sign, a point and an exponent fit twice.
    private static let numberBytesMax = 64

    /// Parses a whole text.
    ///
    /// - Parameters:
    ///   - bytes: The text; its length has been checked.
    ///   - name: What error texts call it.
    ///   - valueCountMax: The most values that it may have, those inside others counted too.
    /// - Returns: The value that the text is.
    /// - Throws: `badFormat`, `limit`.
    static func value(
        of bytes: [UInt8],
        name: String,
        valueCountMax: Int
    ) throws(ImportError) -> JSONValue {
        var parser = JSONParser(name: name, bytes: bytes, valueCountMax: valueCountMax)
        let value = try parser.readValue(depth: 0)
        parser.skipSpace()
        guard parser.place == bytes.count else {
            throw parser.error(expected: "the end of the text")
        }
        return value
    }

    private init(name: String, bytes: [UInt8], valueCountMax: Int) {
        self.name = name
        self.bytes = bytes
        self.valueCountMax = valueCountMax
    }

    private mutating func readValue(depth: Int) throws(ImportError) -> JSONValue {
        guard depth < Self.depthMax else {
            throw error(.limit, expected: "at most \(Self.depthMax) levels", found: "more")
        }
        valueCount += 1
        guard valueCount <= valueCountMax else {
            throw error(.limit, expected: "at most \(valueCountMax) values", found: "more")
        }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try readObject(depth: depth))
        case UInt8(ascii: "["): return .array(try readArray(depth: depth))
        case UInt8(ascii: "\""): return .text(try readText())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return .number(try readNumber())
        }
    }

    private mutating func readObject(depth: Int) throws(ImportError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        place += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error(expected: "a key in quotes") }
            let key = try readText()
            guard members[key] == nil else {
                throw error(expected: "every key once", found: "\(quoted(key)) twice")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error(expected: "a colon") }
            members[key] = try readValue(depth: depth + 1)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error(expected: "a comma or }") }
        return members
    }

    private mutating func readArray(depth: Int) throws(ImportError) -> [JSONValue] {
        var values: [JSONValue] = []
        place += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return values }
        repeat {
            values.append(try readValue(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error(expected: "a comma or ]") }
        return values
    }

    private mutating func readWord(
        _ word: String,
        _ value: JSONValue
    ) throws(ImportError) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw error(expected: "a value") }
        place += word.utf8.count
        return value
    }

    /// A number by the grammar of JSON: no sign +, no leading zeros, no NaN.
    private mutating func readNumber() throws(ImportError) -> String {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let whole = readDigits()
        guard whole == 1 || (whole > 1 && bytes[place - whole] != UInt8(ascii: "0")) else {
            throw error(expected: "a value")
        }
        if take(UInt8(ascii: ".")) {
            guard readDigits() > 0 else { throw error(expected: "a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard readDigits() > 0 else { throw error(expected: "a digit") }
        }
        guard place - start <= Self.numberBytesMax else {
            throw error(
                .limit,
                expected: "a number of at most \(Self.numberBytesMax) characters",
                found: "\(place - start)"
            )
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func readDigits() -> Int {
        let start = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            place += 1
        }
        return place - start
    }
}

// MARK: - Texts

extension JSONParser {
    private mutating func readText() throws(ImportError) -> String {
        place += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else {
                throw error(expected: "no control character in a text")
            }
            place += 1
            if byte == UInt8(ascii: "\\") {
                text += try readEscape()
            } else {
                text.append(byte)
            }
        }
        guard take(UInt8(ascii: "\"")) else { throw error(expected: "a closing quote") }
        guard let result = String(validating: text, as: UTF8.self) else {
            throw error(expected: "UTF-8", found: "other bytes")
        }
        return result
    }

    private mutating func readEscape() throws(ImportError) -> [UInt8] {
        guard let byte = next else { throw error(expected: "an escape") }
        if let plain = plainEscape(byte) {
            place += 1
            return [plain]
        }
        guard take(UInt8(ascii: "u")) else { throw error(expected: "an escape") }
        var value = UInt32(try readHex())
        if (0xD800...0xDBFF).contains(value), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = UInt32(try readHex())
            guard (0xDC00...0xDFFF).contains(low) else {
                throw error(expected: "the second half of a pair")
            }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw error(expected: "a scalar", found: "half of a pair")
        }
        return Array(String(Character(scalar)).utf8)
    }

    /// What one letter after a backslash stands for.
    private func plainEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    private mutating func readHex() throws(ImportError) -> UInt16 {
        guard place + 4 <= bytes.count, bytes[place..<place + 4].allSatisfy(isHexDigit) else {
            throw error(expected: "four hexadecimal digits")
        }
        let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
        guard let value = UInt16(digits, radix: 16) else {
            throw error(expected: "four hexadecimal digits")
        }
        place += 4
        return value
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }
}

// MARK: - Bytes

extension JSONParser {
    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            place += 1
        }
    }

    private func error(
        _ code: ImportError.Code = .badFormat,
        expected: String,
        found: String? = nil
    ) -> ImportError {
        let byte = next.map { quoted(String(Character(Unicode.Scalar($0)))) }
        return ImportError(
            code,
            subject: "\(name): JSON at byte \(place)",
            expected: expected,
            found: found ?? byte ?? "the end"
        )
    }
}
