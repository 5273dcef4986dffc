import Foundation

/// A golden fixture: named arrays that `tools/golden` wrote with Hugging Face transformers.
///
/// `tools/reference/fixture.py` documents the file format; `tiny.py` and `real.py` beside it say
/// what each entry means, and `tolerance.py` how its tolerances were derived.
struct Fixture: Sendable {
    /// The name of the file without its folder.
    let name: String
    private let entries: [String: FixtureEntry]

    /// Reads `NAME.golden` of the committed fixtures.
    ///
    /// - Throws: `FixtureError` that says what was expected and to run `tools/golden`.
    init(_ name: String) throws(FixtureError) {
        try self.init(name: name + ".golden", bytes: Fixture.read(name + ".golden"))
    }

    /// Parses the content of a fixture file.
    init(name: String, bytes: [UInt8]) throws(FixtureError) {
        var reader = FixtureReader(file: name, bytes: bytes)
        self.name = name
        entries = try reader.entries()
    }

    /// The path of a file in the folder of the committed fixtures, such as `tiny-f32.gguf`.
    static func path(_ file: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures").appending(path: file).path
    }

    /// The names of all entries, sorted.
    var names: [String] { entries.keys.sorted() }

    /// The dimensions of an entry, outermost first.
    func shape(_ entry: String) throws(FixtureError) -> [Int] {
        try found(entry).shape
    }

    /// The elements of an f32 entry in row order.
    func floats(_ entry: String) throws(FixtureError) -> [Float] {
        guard case .floats(let values) = try found(entry).elements else {
            throw mismatch(entry, "f32 elements")
        }
        return values
    }

    /// The elements of an f64 entry in row order.
    func doubles(_ entry: String) throws(FixtureError) -> [Double] {
        guard case .doubles(let values) = try found(entry).elements else {
            throw mismatch(entry, "f64 elements")
        }
        return values
    }

    /// The elements of a u16 or u32 entry in row order.
    func integers(_ entry: String) throws(FixtureError) -> [UInt32] {
        guard case .integers(let values) = try found(entry).elements else {
            throw mismatch(entry, "u16 or u32 elements")
        }
        return values
    }

    /// The strings of a text entry.
    func strings(_ entry: String) throws(FixtureError) -> [String] {
        guard case .strings(let values) = try found(entry).elements else {
            throw mismatch(entry, "text")
        }
        return values
    }

    /// The single number of an f32 entry with one element.
    func float(_ entry: String) throws(FixtureError) -> Float {
        let values = try floats(entry)
        guard let value = values.first, values.count == 1 else {
            throw mismatch(entry, "one element")
        }
        return value
    }

    /// The single number of an f64 entry with one element.
    func double(_ entry: String) throws(FixtureError) -> Double {
        let values = try doubles(entry)
        guard let value = values.first, values.count == 1 else {
            throw mismatch(entry, "one element")
        }
        return value
    }

    /// The single string of a text entry with one element.
    func string(_ entry: String) throws(FixtureError) -> String {
        let values = try strings(entry)
        guard let value = values.first, values.count == 1 else {
            throw mismatch(entry, "one string")
        }
        return value
    }

    /// The rows of a matrix of f32.
    func floatRows(_ entry: String) throws(FixtureError) -> [[Float]] {
        try rows(of: floats(entry), entry)
    }

    /// The rows of a matrix of u16 or u32.
    func integerRows(_ entry: String) throws(FixtureError) -> [[UInt32]] {
        try rows(of: integers(entry), entry)
    }

    /// Lists of unequal length: the entry holds their elements, `ENTRY.offsets` their bounds.
    func lists(_ entry: String) throws(FixtureError) -> [[UInt32]] {
        let values = try integers(entry)
        let offsets = try integers(entry + ".offsets").map(Int.init)
        var lists: [[UInt32]] = []
        for (start, end) in zip(offsets, offsets.dropFirst()) {
            guard start <= end, end <= values.count else {
                throw mismatch(entry + ".offsets", "rising positions up to \(values.count)")
            }
            lists.append(Array(values[start..<end]))
        }
        guard offsets.first == 0, offsets.last == values.count else {
            throw mismatch(entry + ".offsets", "positions from 0 to \(values.count)")
        }
        return lists
    }

    private func found(_ entry: String) throws(FixtureError) -> FixtureEntry {
        guard let found = entries[entry] else {
            throw FixtureError(subject: "\(name), entry \(entry)", expected: "it", found: "none")
        }
        return found
    }

    private func rows<Element>(
        of values: [Element],
        _ entry: String
    ) throws(FixtureError) -> [[Element]] {
        let shape = try shape(entry)
        guard shape.count == 2, shape[1] > 0 else { throw mismatch(entry, "a matrix") }
        return stride(from: 0, to: values.count, by: shape[1]).map { start in
            Array(values[start..<start + shape[1]])
        }
    }

    private func mismatch(_ entry: String, _ expected: String) -> FixtureError {
        let found = entries[entry].map { "\($0.kind) of shape \($0.shape)" } ?? "none"
        return FixtureError(subject: "\(name), entry \(entry)", expected: expected, found: found)
    }

    private static func read(_ file: String) throws(FixtureError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path(file))))
        } catch {
            throw FixtureError(subject: path(file), expected: "a file", found: "\(error)")
        }
    }
}

/// A fixture that is missing, damaged, or of another version than the tests.
struct FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
    let subject: String
    let expected: String
    let found: String

    var description: String {
        "\(subject): expected \(expected), found \(found); run tools/golden"
    }
}

/// One named array of a fixture.
struct FixtureEntry: Sendable {
    /// The values in row order; u16 elements are widened.
    enum Elements: Sendable {
        case floats([Float])
        case doubles([Double])
        case integers([UInt32])
        case strings([String])
    }

    let shape: [Int]
    let elements: Elements

    /// The element type in words.
    var kind: String {
        switch elements {
        case .floats: "f32"
        case .doubles: "f64"
        case .integers: "u16 or u32"
        case .strings: "text"
        }
    }
}
