import Testing

/// How far an array is from what a fixture says, in the words of a report.
struct Difference: Sendable, CustomStringConvertible {
    let name: String
    let allowed: Double
    /// The largest difference; infinite where a value is none.
    private(set) var largest = 0.0
    /// The place of the first value that is too far off.
    private(set) var firstBad: Int?
    private var squares = 0.0
    private var count = 0

    /// Starts a comparison in which each value may differ by `allowed`.
    init(_ name: String, allowed: Float) {
        self.name = name
        self.allowed = Double(allowed)
    }

    /// The root mean square of the differences.
    var rootMeanSquare: Double { (squares / Double(max(count, 1))).squareRoot() }

    var isAllowed: Bool { firstBad == nil && count > 0 }

    /// Compares further values, counted on from those before.
    mutating func compare(_ found: [Float], with expected: [Float]) {
        guard found.count == expected.count else {
            firstBad = firstBad ?? count + min(found.count, expected.count)
            return
        }
        for (value, reference) in zip(found, expected) {
            let distance = abs(Double(value) - Double(reference))
            largest = max(largest, distance.isNaN ? .infinity : distance)
            if !(distance <= allowed), firstBad == nil { firstBad = count }
            squares += distance * distance
            count += 1
        }
    }

    var description: String {
        let end = firstBad.map { ", first bad index \($0); run tools/golden" } ?? ""
        return "\(name) max error \(short(largest)) allowed \(short(allowed))\(end)"
    }

    /// Prints the line that is quoted, and fails the test if the difference is too large.
    func report(_ format: String, sourceLocation: SourceLocation = #_sourceLocation) {
        print("golden \(format) \(self)")
        #expect(isAllowed, "\(format) \(description)", sourceLocation: sourceLocation)
    }
}

/// A number with three digits, for reports.
func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var digits = abs(value)
    var exponent = 0
    while digits >= 9.995 { digits /= 10; exponent += 1 }
    while digits < 0.9995 { digits *= 10; exponent -= 1 }
    let rounded = Double((digits * 100).rounded()) / 100 * (value < 0 ? -1 : 1)
    return exponent == 0 ? "\(rounded)" : "\(rounded)e\(exponent)"
}
