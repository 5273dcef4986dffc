extension GGUFFile {
    /// A positive integer that the file must have.
    ///
    /// Throws: `badFormat` if it is missing or no positive integer, `limit` if it is over `limit`.
    func count(_ key: String, limit: UInt64) throws(ImportError) -> UInt32 {
        guard let count = try optionalCount(key, limit: limit) else { throw missing(key) }
        return count
    }

    /// A positive integer that the file may have.
    func optionalCount(_ key: String, limit: UInt64) throws(ImportError) -> UInt32? {
        guard let value = metadata[key] else { return nil }
        if case .array = value {
            throw error(
                .unsupported,
                subject(key),
                expected: "one number for all layers",
                found: value.description
            )
        }
        guard let count = value.count, count > 0 else {
            throw error(
                .badFormat,
                subject(key),
                expected: "a positive integer",
                found: value.description
            )
        }
        guard count <= limit, let narrow = UInt32(exactly: count) else {
            throw error(.limit, subject(key), expected: "at most \(limit)", found: "\(count)")
        }
        return narrow
    }

    /// A float that the file may have and that has to lie in a range.
    func optionalNumber(
        _ key: String,
        in range: ClosedRange<Double>
    ) throws(ImportError) -> Float? {
        guard let value = metadata[key] else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw error(
                .badFormat,
                subject(key),
                expected: "a number from \(range.lowerBound) to \(range.upperBound)",
                found: value.description
            )
        }
        return Float(number)
    }

    /// A text that the file may have.
    func optionalText(_ key: String) throws(ImportError) -> String? {
        guard let value = metadata[key] else { return nil }
        guard case .text(let text) = value else {
            throw error(.badFormat, subject(key), expected: "text", found: value.description)
        }
        return text
    }

    /// A text that the file must have.
    func text(_ key: String) throws(ImportError) -> String {
        guard let text = try optionalText(key) else { throw missing(key) }
        return text
    }

    /// A truth value; false if the file does not have it.
    func flag(_ key: String) throws(ImportError) -> Bool {
        switch metadata[key] {
        case nil: return false
        case .bool(let value): return value
        case let value?:
            throw error(
                .badFormat,
                subject(key),
                expected: "true or false",
                found: value.description
            )
        }
    }

    /// An array of texts that the file must have.
    func texts(_ key: String) throws(ImportError) -> [String] {
        guard let value = metadata[key] else { throw missing(key) }
        guard case .array(.text(let texts)) = value else {
            throw error(
                .badFormat,
                subject(key),
                expected: "an array of texts",
                found: value.description
            )
        }
        return texts
    }

    /// An array of integers that the file must have.
    func integers(_ key: String) throws(ImportError) -> [Int64] {
        guard let value = metadata[key] else { throw missing(key) }
        guard case .array(let array) = value, let integers = array.integers else {
            throw error(
                .badFormat,
                subject(key),
                expected: "an array of integers",
                found: value.description
            )
        }
        return integers
    }

    /// How error texts call a key.
    func subject(_ key: String) -> String { "metadata key \(quoted(key))" }

    private func missing(_ key: String) -> ImportError {
        error(.badFormat, subject(key), expected: "the key", found: "a file without it")
    }
}
