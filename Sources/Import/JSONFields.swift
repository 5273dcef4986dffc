/// The members of an object of JSON, read by key; null is the same as not there.
struct JSONFields: Sendable {
    private let name: String
    private let members: [String: JSONValue]

    /// Takes an object that error texts call by a name.
    ///
    /// Throws: `badFormat` if the value is no object.
    init(_ value: JSONValue, name: String) throws(ImportError) {
        guard case .object(let members) = value else {
            throw ImportError(
                .badFormat,
                subject: name,
                expected: "an object of JSON",
                found: value.description
            )
        }
        self.name = name
        self.members = members
    }

    /// The keys, sorted, those with null too.
    var keys: [String] { members.keys.sorted() }

    /// What stands at a key, which may be null.
    subscript(_ key: String) -> JSONValue? { members[key] }

    /// A positive integer that must be there.
    ///
    /// Throws: `badFormat` if it is missing or no positive integer, `limit` if it is over `limit`.
    func count(_ key: String, limit: UInt64) throws(ImportError) -> UInt32 {
        guard let count = try optionalCount(key, limit: limit) else {
            throw error(.badFormat, key, expected: "the key", found: "a file without it")
        }
        return count
    }

    /// A positive integer that may be there.
    func optionalCount(_ key: String, limit: UInt64) throws(ImportError) -> UInt32? {
        guard let value = present(key) else { return nil }
        guard case .number(let text) = value, let count = integer(text), count > 0 else {
            throw wrong(key, expected: "a positive integer")
        }
        guard count <= limit, let narrow = UInt32(exactly: count) else {
            throw error(.limit, key, expected: "at most \(limit)", found: value.description)
        }
        return narrow
    }

    /// A finite number that may be there and that has to lie in a range.
    func optionalNumber(
        _ key: String,
        in range: ClosedRange<Double>
    ) throws(ImportError) -> Double? {
        guard let value = present(key) else { return nil }
        // A number that is too large becomes infinite, which is in no range.
        guard case .number(let text) = value, let number = Double(text), range.contains(number)
        else {
            throw wrong(key, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A text that may be there.
    func optionalText(_ key: String) throws(ImportError) -> String? {
        guard let value = present(key) else { return nil }
        guard case .text(let text) = value else { throw wrong(key, expected: "text") }
        return text
    }

    /// A truth value; without the key, nil.
    func optionalFlag(_ key: String) throws(ImportError) -> Bool? {
        guard let value = present(key) else { return nil }
        guard case .bool(let flag) = value else { throw wrong(key, expected: "true or false") }
        return flag
    }

    /// An array of texts that may be there.
    func optionalTexts(_ key: String) throws(ImportError) -> [String]? {
        guard let value = present(key) else { return nil }
        guard case .array(let values) = value else {
            throw wrong(key, expected: "an array of texts")
        }
        var texts: [String] = []
        for value in values {
            guard case .text(let text) = value else {
                throw wrong(key, expected: "an array of texts")
            }
            texts.append(text)
        }
        return texts
    }

    /// An object that may be there.
    func optionalObject(_ key: String) throws(ImportError) -> JSONFields? {
        guard let value = present(key) else { return nil }
        return try JSONFields(value, name: "\(name) \(quoted(key))")
    }

    /// Refuses a key with a value that would change the arithmetic in a way that is not followed.
    ///
    /// Throws: `unsupported` unless the key is missing or its value is false or empty.
    func refuse(_ key: String) throws(ImportError) {
        guard let value = members[key], !value.isNothing else { return }
        throw error(
            .unsupported,
            key,
            expected: "null, false or nothing",
            found: value.description
        )
    }

    /// An error about one key.
    func error(
        _ code: ImportError.Code,
        _ key: String,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(code, subject: "\(name) \(quoted(key))", expected: expected, found: found)
    }

    private func present(_ key: String) -> JSONValue? {
        members[key].flatMap { $0 == .null ? nil : $0 }
    }

    private func wrong(_ key: String, expected: String) -> ImportError {
        error(
            .badFormat,
            key,
            expected: expected,
            found: members[key]?.description ?? "nothing"
        )
    }

    /// An integer in plain digits; one that no 64 bits hold is as good as the largest.
    private func integer(_ text: String) -> UInt64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text) ?? .max
    }
}
