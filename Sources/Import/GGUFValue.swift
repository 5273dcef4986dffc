/// One metadata value of a GGUF file.
enum GGUFValue: Hashable, Sendable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case text(String)
    case array(GGUFArray)

    /// The number, if this is an integer of any width that is not negative.
    var count: UInt64? {
        switch self {
        case .unsigned(let value): value
        case .signed(let value): UInt64(exactly: value)
        default: nil
        }
    }

    /// The number, if this is a float of any width.
    var number: Double? {
        if case .float(let value) = self { value } else { nil }
    }

    /// What this is, for an error text.
    var description: String {
        switch self {
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .text(let value): quoted(value)
        case .array(let value): "an array of \(value.count)"
        }
    }
}

/// An array of metadata; its elements have one type and are no arrays themselves.
enum GGUFArray: Hashable, Sendable {
    case unsigned([UInt64])
    case signed([Int64])
    case float([Double])
    case bool([Bool])
    case text([String])

    /// Number of elements.
    var count: Int {
        switch self {
        case .unsigned(let values): values.count
        case .signed(let values): values.count
        case .float(let values): values.count
        case .bool(let values): values.count
        case .text(let values): values.count
        }
    }

    /// The elements, if they are integers that fit.
    var integers: [Int64]? {
        switch self {
        case .signed(let values): values
        case .unsigned(let values):
            values.allSatisfy { $0 <= UInt64(Int64.max) }
                ? values.map { Int64(truncatingIfNeeded: $0) } : nil
        default: nil
        }
    }
}

/// The types that a metadata value can have, by the number that stands for each in a file.
enum GGUFValueType: UInt32 {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case text = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The least that one value takes in a file.
    ///
    /// Unit: bytes.
    var leastBytes: UInt64 {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .text: 8
        case .array: 12
        }
    }
}
