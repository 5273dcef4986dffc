import Foundation
import Kernels

/// The naive twin of every kernel, in f64: the specification that the fast forms are held to.
enum Reference {
    /// Half the distance of 1 from the next f32: the largest relative error of one rounding.
    static let unit = 0x1p-24

    /// The bound of the relative error of n roundings one after the other.
    ///
    /// Source: Higham, "Accuracy and Stability of Numerical Algorithms", Lemma 3.1.
    static func gamma(_ count: Int) -> Double {
        Double(count) * unit / (1 - Double(count) * unit)
    }

    /// A value and how far a kernel's result may be from it.
    struct Bounded {
        let value: Double
        let tolerance: Double

        func admits(_ found: Float) -> Bool { abs(Double(found) - value) <= tolerance }
    }

    /// The dot product of two rows.
    ///
    /// An f32 sum of n products in any order has n roundings.
    static func dot(_ left: [Double], _ right: [Double]) -> Bounded {
        let products = zip(left, right).map { $0 * $1 }
        return Bounded(
            value: products.reduce(0, +),
            tolerance: gamma(left.count + 1) * products.reduce(0) { $0 + abs($1) }
        )
    }

    /// A row rounded to int8 blocks: the scale is the largest magnitude / 127, in f32.
    struct RoundedRow {
        var scales: [Float] = []
        var quants: [Int] = []

        init(_ row: [Float]) {
            for start in stride(from: 0, to: row.count, by: 32) {
                let block = row[start..<start + 32]
                let peak = block.reduce(0) { max($0, abs($1)) }
                let inverse = peak > 0 ? 127 / peak : 0
                scales.append(peak / 127)
                quants += block.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }
            }
        }
    }

    /// The product of a block matrix's row with a rounded row: integer sums are exact; scales,
    /// their products and the sum over blocks round, at most blocks + 6 times a term.
    static func blockDot(_ weights: PackedRow, _ row: RoundedRow) -> Bounded {
        var value = 0.0
        var magnitude = 0.0
        for block in row.scales.indices {
            let range = block * 32..<block * 32 + 32
            let scale = Double(weights.scales[block]) * Double(row.scales[block])
            let minimum = Double(weights.minimums[block]) * Double(row.scales[block])
            var sum = 0
            var quantSum = 0
            for index in range {
                sum += weights.quants[index] * row.quants[index]
                quantSum += row.quants[index]
                magnitude += abs(scale * Double(weights.quants[index] * row.quants[index]))
            }
            value += scale * Double(sum) + minimum * Double(quantSum)
            magnitude += abs(minimum * Double(quantSum))
        }
        return Bounded(value: value, tolerance: gamma(row.scales.count + 6) * magnitude)
    }

    /// Softmax of the scaled products with every key, times the values; one query head.
    ///
    /// A score is off by `error`: the roundings of a product of `width` terms, the scale, and the
    /// difference from the largest. That makes each weight off by a factor of exp(2 error), and the
    /// exponential, the sum over tokens and the division round some more.
    static func attention(
        _ query: [Double],
        keys: [[Double]],
        values: [[Double]]
    ) -> [Bounded] {
        let scale = 1 / Double(query.count).squareRoot()
        let products = keys.map { dot(query, $0) }
        let scores = products.map { $0.value * scale }
        let largest = scores.map { abs($0) }.max() ?? 0
        let error =
            (products.map(\.tolerance).max() ?? 0) * scale + 2 * largest * unit + largest * gamma(3)
        let peak = scores.max() ?? 0
        let weights = scores.map { exp($0 - peak) }
        let total = weights.reduce(0, +)
        let relative = exp(2 * error) * (1 + gamma(2 * keys.count + 8)) - 1
        return query.indices.map { column in
            let terms = zip(weights, values).map { $0 / total * $1[column] }
            return Bounded(
                value: terms.reduce(0, +),
                tolerance: relative * terms.reduce(0) { $0 + abs($1) }
            )
        }
    }

    /// x / sqrt(mean(x^2) + epsilon) * gain.
    ///
    /// The sum is f64 in the kernel too; what is left rounds six times.
    static func normalized(_ row: [Float], gain: [Float], epsilon: Float) -> [Bounded] {
        let mean = row.reduce(0) { $0 + Double($1) * Double($1) } / Double(row.count)
        let scale = 1 / (mean + Double(epsilon)).squareRoot()
        return zip(row, gain).map { value, gain in
            let exact = Double(value) * scale * Double(gain)
            return Bounded(value: exact, tolerance: gamma(6) * abs(exact))
        }
    }

    /// The pairs of one head turned by position * base^(-2i / width).
    ///
    /// The angle is an f32 product: power, division and product round to within five units, which
    /// turns the pair by as much.
    static func rotated(_ head: [Float], position: Int, base: Float) -> [Bounded] {
        stride(from: 0, to: head.count, by: 2).flatMap { place in
            let exponent = -Double(place) / Double(head.count)
            let angle = Double(position) * pow(Double(base), exponent)
            let (a, b) = (Double(head[place]), Double(head[place + 1]))
            let tolerance = (abs(a) + abs(b)) * (angle * gamma(5) + gamma(3))
            return [
                Bounded(value: a * cos(angle) - b * sin(angle), tolerance: tolerance),
                Bounded(value: a * sin(angle) + b * cos(angle), tolerance: tolerance),
            ]
        }
    }

    /// silu(gate) * up: exponential (two units), sum, quotient and product round.
    ///
    /// Where the exponential overflows, nothing is left of a value below |gate * up| / the largest
    /// f32.
    static func gated(_ gate: Float, _ up: Float) -> Bounded {
        let exact = Double(gate) / (1 + exp(-Double(gate))) * Double(up)
        let least =
            (1 + abs(Double(gate))) * (1 + abs(Double(up)))
            / Double(Float.greatestFiniteMagnitude)
        return Bounded(value: exact, tolerance: gamma(6) * abs(exact) + least)
    }
}
