/// The standard normal distribution.
///
/// Written out, because the C library's functions may change with its version, and a seed must
/// stop at the same judgment in every build.
enum NormalDistribution {
    /// The probability of a value above `x`.
    ///
    /// Source: the series and the continued fraction of Abramowitz and Stegun, 26.2.11 and 26.2.14.
    static func upperTail(_ x: Double) -> Double {
        guard x >= 0 else { return 1 - upperTail(-x) }
        return x < 3 ? 0.5 - density(x) * series(x) : density(x) / fraction(x)
    }

    private static func density(_ x: Double) -> Double {
        0.398_942_280_401_432_7 * exponential(-x * x / 2)
    }

    private static func series(_ x: Double) -> Double {
        var term = x
        var sum = 0.0
        var divisor = 1.0
        while sum + term != sum {
            sum += term
            divisor += 2
            term *= x * x / divisor
        }
        return sum
    }

    private static func fraction(_ x: Double) -> Double {
        (1...64).reversed().reduce(x) { rest, step in x + Double(step) / rest }
    }

    /// e^x for x <= 0: a power of two times a series near 0.
    static func exponential(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        let halvings = (-x / 0.693_147_180_559_945_3).rounded()
        let rest = x + halvings * 0.693_147_180_559_945_3
        var term = 1.0
        var sum = 1.0
        for step in 1...20 {
            term *= rest / Double(step)
            sum += term
        }
        return sum * Double(sign: .plus, exponent: -Int(halvings), significand: 1)
    }
}
