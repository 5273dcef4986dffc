extension SourceFile {
    /// Reads a length and then so many bytes of text.
    ///
    /// Throws: `limit` if the length is over `limit`, before anything is allocated.
    mutating func readString(
        atMost limit: UInt64,
        of subject: String
    ) throws(ImportError) -> String {
        let count = try readInteger(UInt64.self, of: subject)
        guard count <= limit else {
            throw error(.limit, subject, expected: "at most \(limit) bytes", found: "\(count)")
        }
        try checkHeader(count, of: subject)
        return try readText(count, of: subject)
    }

    /// Reads the type of a metadata value.
    mutating func readValueType(of subject: String) throws(ImportError) -> GGUFValueType {
        let number = try readInteger(UInt32.self, of: subject)
        guard let type = GGUFValueType(rawValue: number) else {
            throw error(
                .badFormat,
                subject,
                expected: "a value type from 0 to 12",
                found: "\(number)"
            )
        }
        return type
    }

    /// Reads a metadata value of a known type.
    mutating func readValue(
        _ type: GGUFValueType,
        of subject: String
    ) throws(ImportError) -> GGUFValue {
        switch type {
        case .uint8, .uint16, .uint32, .uint64: .unsigned(try readUnsigned(type, of: subject))
        case .int8, .int16, .int32, .int64: .signed(try readSigned(type, of: subject))
        case .float32, .float64: .float(try readFloat(type, of: subject))
        case .bool: .bool(try readBool(of: subject))
        case .text: .text(try readString(atMost: ImportLimits.stringBytes, of: subject))
        case .array: .array(try readArray(of: subject))
        }
    }

    private mutating func readArray(of subject: String) throws(ImportError) -> GGUFArray {
        let type = try readValueType(of: subject)
        let count = try readInteger(UInt64.self, of: subject)
        guard type != .array else {
            throw error(
                .unsupported,
                subject,
                expected: "an array of simple values",
                found: "an array of arrays"
            )
        }
        guard count <= ImportLimits.arrayCount else {
            throw error(
                .limit,
                subject,
                expected: "at most \(ImportLimits.arrayCount) elements",
                found: "\(count)"
            )
        }
        guard count <= remainingBytes / type.leastBytes else {
            throw error(
                .badFormat,
                subject,
                expected: "\(count) elements",
                found: "\(remainingBytes) bytes to the end of the file"
            )
        }
        try checkHeader(count * type.leastBytes, of: subject)
        return try readElements(type, count: Int(count), of: subject)
    }

    // What the header holds stays in memory until the import ends, so its sum is bounded too.
    private func checkHeader(_ count: UInt64, of subject: String) throws(ImportError) {
        guard count <= ImportLimits.headerBytes, position <= ImportLimits.headerBytes - count else {
            throw error(
                .limit,
                subject,
                expected: "a header of at most \(ImportLimits.headerBytes) bytes",
                found: "\(count) bytes more at offset \(position)"
            )
        }
    }

    private mutating func readElements(
        _ type: GGUFValueType,
        count: Int,
        of subject: String
    ) throws(ImportError) -> GGUFArray {
        switch type {
        case .uint8, .uint16, .uint32, .uint64:
            var values: [UInt64] = []
            for _ in 0..<count { values.append(try readUnsigned(type, of: subject)) }
            return .unsigned(values)
        case .int8, .int16, .int32, .int64:
            var values: [Int64] = []
            for _ in 0..<count { values.append(try readSigned(type, of: subject)) }
            return .signed(values)
        case .float32, .float64:
            var values: [Double] = []
            for _ in 0..<count { values.append(try readFloat(type, of: subject)) }
            return .float(values)
        case .bool:
            var values: [Bool] = []
            for _ in 0..<count { values.append(try readBool(of: subject)) }
            return .bool(values)
        case .text, .array:
            var values: [String] = []
            for _ in 0..<count {
                values.append(try readString(atMost: ImportLimits.stringBytes, of: subject))
            }
            return .text(values)
        }
    }

    private mutating func readUnsigned(
        _ type: GGUFValueType,
        of subject: String
    ) throws(ImportError) -> UInt64 {
        switch type {
        case .uint8: UInt64(try readInteger(UInt8.self, of: subject))
        case .uint16: UInt64(try readInteger(UInt16.self, of: subject))
        case .uint32: UInt64(try readInteger(UInt32.self, of: subject))
        default: try readInteger(UInt64.self, of: subject)
        }
    }

    private mutating func readSigned(
        _ type: GGUFValueType,
        of subject: String
    ) throws(ImportError) -> Int64 {
        switch type {
        case .int8: Int64(try readInteger(Int8.self, of: subject))
        case .int16: Int64(try readInteger(Int16.self, of: subject))
        case .int32: Int64(try readInteger(Int32.self, of: subject))
        default: try readInteger(Int64.self, of: subject)
        }
    }

    private mutating func readFloat(
        _ type: GGUFValueType,
        of subject: String
    ) throws(ImportError) -> Double {
        type == .float32
            ? Double(Float(bitPattern: try readInteger(UInt32.self, of: subject)))
            : Double(bitPattern: try readInteger(UInt64.self, of: subject))
    }

    private mutating func readBool(of subject: String) throws(ImportError) -> Bool {
        let byte = try readInteger(UInt8.self, of: subject)
        guard byte <= 1 else {
            throw error(.badFormat, subject, expected: "0 or 1 for a truth value", found: "\(byte)")
        }
        return byte == 1
    }
}
