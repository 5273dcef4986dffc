/// How far the values of a matrix moved when it was packed.
package struct RoundingError: Hashable, Sendable {
    /// The sum of the squared distances from the values of the file.
    package private(set) var squaredError = 0.0
    /// The sum of the squared values of the file.
    package private(set) var squaredValues = 0.0

    /// Nothing measured yet.
    package init() {}

    /// What was measured in another way, such as against an update instead of the values.
    init(squaredError: Double, squaredValues: Double) {
        self.squaredError = squaredError
        self.squaredValues = squaredValues
    }

    /// The root of the mean squared distance, as a share of the root mean square of the values.
    package var relative: Double {
        squaredValues > 0 ? (squaredError / squaredValues).squareRoot() : 0
    }

    /// Adds a row of values and what they became.
    ///
    /// - Precondition: rows of one length.
    mutating func add(_ packed: [Float], of source: [Float]) {
        precondition(packed.count == source.count)
        var error = 0.0
        var values = 0.0
        for index in source.indices {
            let distance = Double(packed[index] - source[index])
            error += distance * distance
            values += Double(source[index]) * Double(source[index])
        }
        squaredError += error
        squaredValues += values
    }

    /// Adds what was measured elsewhere.
    package mutating func add(_ other: RoundingError) {
        squaredError += other.squaredError
        squaredValues += other.squaredValues
    }
}

extension WeightMatrix {
    /// How far this matrix is from the tensor of a model file that it was packed from.
    ///
    /// - Throws: `KernelError` if the length does not fit the shape of the matrix.
    ///
    /// Cost: widens both, one row at a time.
    package func roundingError(
        from bytes: RawSpan,
        type: SourceType
    ) throws(KernelError) -> RoundingError {
        let rowBytes = columns / type.blockCount * type.blockBytes
        guard columns.isMultiple(of: type.blockCount), bytes.byteCount == rows * rowBytes else {
            throw KernelError(
                "matrix bytes",
                expected: "\(rows * rowBytes) for [\(rows), \(columns)] \(type.name)",
                found: "\(bytes.byteCount)"
            )
        }
        var error = RoundingError()
        var packed = [Float](repeating: 0, count: columns)
        var source = packed
        for row in 0..<rows {
            let part = bytes.extracting(row * rowBytes..<(row + 1) * rowBytes)
            // Safety: both arrays have room for a row.
            unsafe packed.withUnsafeMutableBufferPointer { out in
                guard let start = out.baseAddress else { return }
                unsafe dequantize(row: row, into: start)
            }
            unsafe source.withUnsafeMutableBufferPointer { out in
                unsafe sourceFloats(of: part, type: type, into: out)
            }
            error.add(packed, of: source)
        }
        return error
    }
}
