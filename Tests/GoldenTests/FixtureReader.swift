/// Takes the fields of a fixture file one after the other; every length is checked before use.
struct FixtureReader {
    private static let magic = Array("GRMDGOLD".utf8)
    private static let version: UInt32 = 1

    private let file: String
    private let bytes: [UInt8]
    private var position = 0

    /// Starts at the first byte.
    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// Reads the whole file.
    ///
    /// - Throws: `FixtureError` if it is no fixture, of another version, cut short or too long.
    mutating func entries() throws(FixtureError) -> [String: FixtureEntry] {
        let magic = try take(Self.magic.count, "magic")
        guard magic.elementsEqual(Self.magic) else {
            throw fault("magic", "GRMDGOLD", "\(Array(magic))")
        }
        let version = try UInt32(integer(byteCount: 4, "version"))
        guard version == Self.version else {
            throw fault("version", "\(Self.version)", "\(version)")
        }
        var entries: [String: FixtureEntry] = [:]
        for _ in 0..<(try integer(byteCount: 4, "count")) {
            let name = try string(byteCount: Int(integer(byteCount: 2, "name")), "name")
            guard entries.updateValue(try entry(name), forKey: name) == nil else {
                throw fault(name, "one entry of this name", "two")
            }
        }
        guard position == bytes.count else {
            throw fault("end", "\(position) bytes", "\(bytes.count)")
        }
        return entries
    }

    private mutating func entry(_ name: String) throws(FixtureError) -> FixtureEntry {
        let type = try integer(byteCount: 1, name)
        let rank = try integer(byteCount: 1, name)
        var shape: [Int] = []
        for _ in 0..<rank { shape.append(try Int(integer(byteCount: 4, name))) }
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw fault(name, "a shape that fits", "\(shape)") }
            count = product
        }
        return FixtureEntry(shape: shape, elements: try elements(type: type, count: count, name))
    }

    private mutating func elements(
        type: UInt64,
        count: Int,
        _ name: String
    ) throws(FixtureError) -> FixtureEntry.Elements {
        switch type {
        case 0:
            .floats(
                try integers(count, byteCount: 4, name).map {
                    Float(bitPattern: UInt32(truncatingIfNeeded: $0))
                }
            )
        case 1: .doubles(try integers(count, byteCount: 8, name).map { Double(bitPattern: $0) })
        case 2:
            .integers(
                try integers(count, byteCount: 4, name).map { UInt32(truncatingIfNeeded: $0) }
            )
        case 3:
            .integers(
                try integers(count, byteCount: 2, name).map { UInt32(truncatingIfNeeded: $0) }
            )
        case 4: .strings(try strings(count, name))
        default: throw fault(name, "an element type of 0...4", "\(type)")
        }
    }

    private mutating func strings(_ count: Int, _ name: String) throws(FixtureError) -> [String] {
        var strings: [String] = []
        for _ in 0..<count {
            strings.append(try string(byteCount: Int(integer(byteCount: 4, name)), name))
        }
        return strings
    }

    private mutating func string(
        byteCount: Int,
        _ name: String
    ) throws(FixtureError) -> String {
        let content = try take(byteCount, name)
        guard let string = String(validating: content, as: UTF8.self) else {
            throw fault(name, "UTF-8", "\(Array(content.prefix(16)))")
        }
        return string
    }

    private mutating func integer(
        byteCount: Int,
        _ name: String
    ) throws(FixtureError) -> UInt64 {
        littleEndian(try take(byteCount, name))
    }

    private mutating func integers(
        _ count: Int,
        byteCount: Int,
        _ name: String
    ) throws(FixtureError) -> [UInt64] {
        let (total, overflow) = count.multipliedReportingOverflow(by: byteCount)
        guard !overflow else { throw fault(name, "a length that fits", "\(count) elements") }
        let content = try take(total, name)
        return stride(from: content.startIndex, to: content.endIndex, by: byteCount).map {
            littleEndian(content[$0..<$0 + byteCount])
        }
    }

    private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(
        _ count: Int,
        _ name: String
    ) throws(FixtureError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else {
            throw fault(name, "\(count) more bytes", "\(bytes.count - position)")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private func fault(_ field: String, _ expected: String, _ found: String) -> FixtureError {
        FixtureError(subject: "\(file), \(field)", expected: expected, found: found)
    }
}
