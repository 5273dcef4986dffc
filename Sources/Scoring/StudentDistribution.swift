/// Student's t distribution.
enum StudentDistribution {
    /// The value that is exceeded with probability 0.025, within 0.005 from 3 degrees on.
    ///
    /// Source: the expansion around the normal quantile, Abramowitz and Stegun, 26.7.5.
    static func quantile975(freedom: Int) -> Double {
        precondition(freedom >= 3, "the expansion is good from 3 degrees of freedom on")
        let degrees = Double(freedom)
        return terms.reversed().reduce(0) { $0 / degrees + $1 }
    }

    /// The coefficients of 1, 1/v, 1/v^2...
    private static let terms: [Double] = {
        let z = 1.959_963_984_540_054
        let w = z * z
        return [
            z,
            z * (w + 1) / 4,
            z * ((5 * w + 16) * w + 3) / 96,
            z * (((3 * w + 19) * w + 17) * w - 15) / 384,
            z * ((((79 * w + 776) * w + 1482) * w - 1920) * w - 945) / 92_160,
        ]
    }()
}
