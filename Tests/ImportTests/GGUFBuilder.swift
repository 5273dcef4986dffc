/// Writes GGUF files for tests, sound ones and, where a field says so, unsound ones.
struct GGUFBuilder: Sendable {
    struct Entry: Sendable {
        var key: [UInt8]
        /// The type and the value as they stand in the file.
        var value: [UInt8]
    }

    struct Tensor: Sendable {
        var name: [UInt8]
        var dimensions: [UInt64]
        var type: UInt32
        var data: [UInt8]
        /// Where the file says the data is; nil: where it is.
        var statedOffset: UInt64?
    }

    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var statedTensorCount: UInt64?
    var statedMetadataCount: UInt64?
    var metadata: [Entry] = []
    var tensors: [Tensor] = []
    var alignment = 32
    /// Bytes behind the padding of the last tensor.
    var trailing: [UInt8] = []

    mutating func set(_ key: String, _ value: [UInt8]) {
        remove(key)
        metadata.append(Entry(key: Array(key.utf8), value: value))
    }

    mutating func remove(_ key: String) {
        metadata.removeAll { $0.key == Array(key.utf8) }
    }

    mutating func add(_ name: String, _ dimensions: [UInt64], type: UInt32, data: [UInt8]) {
        tensors.append(
            Tensor(name: Array(name.utf8), dimensions: dimensions, type: type, data: data)
        )
    }

    mutating func change(_ name: String, _ body: (inout Tensor) -> Void) {
        for index in tensors.indices where tensors[index].name == Array(name.utf8) {
            body(&tensors[index])
        }
    }

    /// The file.
    func bytes() -> [UInt8] {
        var result = magic + littleEndian(version)
        result += littleEndian(statedTensorCount ?? UInt64(tensors.count))
        result += littleEndian(statedMetadataCount ?? UInt64(metadata.count))
        for entry in metadata { result += lengthAnd(entry.key) + entry.value }
        var offset = 0
        for tensor in tensors {
            result += lengthAnd(tensor.name) + littleEndian(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { result += littleEndian(dimension) }
            result += littleEndian(tensor.type)
            result += littleEndian(tensor.statedOffset ?? UInt64(offset))
            offset += padded(tensor.data.count)
        }
        result += [UInt8](repeating: 0, count: padded(result.count) - result.count)
        for tensor in tensors {
            result += tensor.data
            result += [UInt8](repeating: 0, count: padded(tensor.data.count) - tensor.data.count)
        }
        return result + trailing
    }

    private func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

/// A number with its lowest byte first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
}

/// Bytes behind their number.
func lengthAnd(_ bytes: [UInt8]) -> [UInt8] { littleEndian(UInt64(bytes.count)) + bytes }

/// Metadata values as they stand in a file: the type, then the value.
enum MetadataBytes {
    static func uint32(_ value: UInt32) -> [UInt8] { littleEndian(UInt32(4)) + littleEndian(value) }
    static func uint64(_ value: UInt64) -> [UInt8] {
        littleEndian(UInt32(10)) + littleEndian(value)
    }
    static func int32(_ value: Int32) -> [UInt8] { littleEndian(UInt32(5)) + littleEndian(value) }
    static func float(_ value: Float) -> [UInt8] {
        littleEndian(UInt32(6)) + littleEndian(value.bitPattern)
    }
    static func bool(_ byte: UInt8) -> [UInt8] { littleEndian(UInt32(7)) + [byte] }
    static func text(_ value: String) -> [UInt8] { text(Array(value.utf8)) }
    static func text(_ bytes: [UInt8]) -> [UInt8] { littleEndian(UInt32(8)) + lengthAnd(bytes) }
    static func texts(_ values: [String]) -> [UInt8] {
        array(of: 8, count: UInt64(values.count), values.flatMap { lengthAnd(Array($0.utf8)) })
    }
    static func int32s(_ values: [Int32]) -> [UInt8] {
        array(of: 5, count: UInt64(values.count), values.flatMap { littleEndian($0) })
    }
    static func array(of type: UInt32, count: UInt64, _ elements: [UInt8]) -> [UInt8] {
        littleEndian(UInt32(9)) + littleEndian(type) + littleEndian(count) + elements
    }
}
