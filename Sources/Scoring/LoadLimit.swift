/// How many judgments load allows a request: the law that lowers k before anything is refused.
///
/// Pressure is the greatest of three shares: requests admitted of those allowed, key-value memory
/// in use, and the queue (seconds that a judgment asked for now would wait, by measured seconds per
/// judgment) of the longest wait that is wanted. Up to the low mark a request gets its k_max, from
/// the high mark on its k_min, and between them k falls along a straight line in log k: equal
/// steps of pressure take equal shares of the judgments.
///
/// The law follows a held pressure. It rises with the measured one at once and falls only as far as
/// the measured one plus the gap, so that k rises again only once pressure is lower by the gap than
/// it was: within a band of that width the limit never goes up and down.
package struct LoadLimit: Hashable, Sendable {
    /// Where the law begins, ends and lets go again; shares of 1.
    package struct Marks: Hashable, Sendable {
        /// The pressure up to which every request gets its k_max.
        package var low = 0.5
        /// The pressure from which on every request gets its k_min.
        package var high = 0.9
        /// How far pressure must fall before k rises again; at most `low`.
        package var gap = 0.1

        /// Makes the marks of a daemon that was configured with none.
        package init() {}
    }

    /// What the daemon measures.
    package struct Load: Hashable, Sendable {
        /// Requests admitted, and how many may be.
        package var requestCount: Int
        /// The greatest number of requests.
        package var requestLimit: Int
        /// The share of the key-value memory in use, 0 to 1.
        package var keyValueShare: Double
        /// The wait of a judgment that is asked for now.
        package var queueSeconds: Double
        /// The longest wait that is wanted.
        package var queueSecondsWanted: Double

        /// Makes a measurement.
        package init(
            requestCount: Int,
            requestLimit: Int,
            keyValueShare: Double,
            queueSeconds: Double,
            queueSecondsWanted: Double
        ) {
            self.requestCount = requestCount
            self.requestLimit = requestLimit
            self.keyValueShare = keyValueShare
            self.queueSeconds = queueSeconds
            self.queueSecondsWanted = queueSecondsWanted
        }

        /// The greatest of the three shares, 0 to 1; a share that cannot be told counts as 0.
        package var pressure: Double {
            let shares = [
                Double(requestCount) / Double(requestLimit), keyValueShare,
                queueSeconds / queueSecondsWanted,
            ]
            return shares.filter { $0 > 0 }.reduce(0) { max($0, min($1, 1)) }
        }
    }

    /// Where the law begins and ends.
    package let marks: Marks
    /// The pressure that the law follows.
    package private(set) var heldPressure = 0.0

    /// Starts without pressure.
    package init(_ marks: Marks = Marks()) {
        precondition(0 <= marks.gap && marks.gap <= marks.low, "the gap lies below the low mark")
        precondition(marks.low < marks.high && marks.high <= 1, "the marks are in order, up to 1")
        self.marks = marks
    }

    /// Takes a measurement.
    package mutating func update(_ load: Load) {
        let pressure = load.pressure
        heldPressure = max(pressure, min(heldPressure, pressure + marks.gap))
    }

    /// The greatest number of judgments of a request: k_min...k_max.
    package func limit(kMin: Int, kMax: Int) -> Int {
        precondition(1 <= kMin && kMin <= kMax, "a request allows at least one judgment")
        let share = (heldPressure - marks.low) / (marks.high - marks.low)
        guard share > 0 else { return kMax }
        guard share < 1 else { return kMin }
        let factor = Self.power(Double(kMin) / Double(kMax), share)
        return min(kMax, max(kMin, Int((Double(kMax) * factor).rounded())))
    }

    /// base^exponent for an exponent below 1, by a square root for each of its binary digits.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var root = base
        var rest = exponent
        var result = 1.0
        for _ in 0..<52 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}
