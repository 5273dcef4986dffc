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

    /// The same product with every rounding as the kernels' header says.
    static func blockProduct(_ weights: PackedRow, _ row: RoundedRow, hasMinimum: Bool) -> Float {
        var total: Float = 0
        for block in row.scales.indices {
            let range = block * 32..<block * 32 + 32
            let sum = range.reduce(0) { $0 + weights.quants[$1] * row.quants[$1] }
            total.addProduct(weights.scales[block] * row.scales[block], Float(sum))
            guard hasMinimum else { continue }
            let quantSum = row.scales[block] * Float(row.quants[range].reduce(0, +))
            total.addProduct(weights.minimums[block], quantSum)
        }
        return total
    }

    /// Numbers rounded to whole multiples of a scale, of which the largest is `most`.
    struct Whole {
        let scale: Double
        let numbers: [Int]

        init(_ row: [Float], most: Float) {
            let peak = row.reduce(0) { max($0, abs($1)) }
            let inverse = Double(peak > 0x1p-100 ? most / peak : 0)
            scale = Double(peak / most)
            numbers = row.map { Int((Double($0) * inverse).rounded(.toNearestOrEven)) }
        }
    }

    /// Softmax of the scaled products with every key, times the values; one query head.
    ///
    /// The query is rounded to 12 bits, keys and values to 13: their products are exact. A score then
    /// rounds seven times and its difference from the largest once: `error`. That makes each weight
    /// off by a factor of exp(2 error); exponential (two units), value's scale, sums over tokens and
    /// what is left round some more. Weights times scales are rounded to steps, of which there are
    /// 32,767 in the largest and 2^18 in all: each is off by half a step.
    static func attention(_ query: [Float], keys: [[Float]], values: [[Float]]) -> [Bounded] {
        let query = Whole(query, most: 2047)
        let root = 1 / Double(query.numbers.count).squareRoot()
        let scores = keys.map { key in
            let key = Whole(key, most: 4095)
            let sum = zip(query.numbers, key.numbers).reduce(0) { $0 + $1.0 * $1.1 }
            return Double(sum) * query.scale * key.scale * root
        }
        let error = gamma(9) * (scores.map { abs($0) }.max() ?? 0)
        let peak = scores.max() ?? 0
        let kept = values.map { Whole($0, most: 4095) }
        let weights = scores.map { exp($0 - peak) }
        let total = weights.reduce(0, +)
        let scaled = zip(weights, kept).map { $0 * $1.scale }
        let step = max((scaled.max() ?? 0) / 32_767, scaled.reduce(0, +) / 0x1p18)
        let relative = exp(2 * error) * (1 + gamma(2 * keys.count + 32)) - 1
        return query.numbers.indices.map { column in
            let terms = zip(scaled, kept).map { $0 * Double($1.numbers[column]) }
            let sizes = kept.reduce(0) { $0 + abs(Double($1.numbers[column])) }
            let off = relative * terms.reduce(0) { $0 + abs($1) } + 0.501 * step * sizes
            return Bounded(value: terms.reduce(0, +) / total, tolerance: off / total)
        }
    }

    /// x / sqrt(mean(x^2) + epsilon) * gain.
    ///
    /// The squares are added in 64 sums, the last few in 16 of them, and those as a tree: at most
    /// width / 64 + 4 roundings, then six. Seven more make the result.
    static func normalized(_ row: [Float], gain: [Float], epsilon: Float) -> [Bounded] {
        let mean = row.reduce(0) { $0 + Double($1) * Double($1) } / Double(row.count)
        let scale = 1 / (mean + Double(epsilon)).squareRoot()
        return zip(row, gain).map { value, gain in
            let exact = Double(value) * scale * Double(gain)
            let tolerance = gamma(row.count / 64 + 17) * abs(exact)
            return Bounded(value: exact, tolerance: tolerance)
        }
    }

    /// The elements i and i + width / 2 of one head turned by position * base^(-2i / width).
    ///
    /// The angle is an f32 product: power, division and product round to within five units, which
    /// turns the pair by as much.
    static func rotated(_ head: [Float], position: Int, base: Float) -> [Bounded] {
        let half = head.count / 2
        let turned = (0..<half).map { place in
            let exponent = -Double(2 * place) / Double(head.count)
            let angle = Double(position) * pow(Double(base), exponent)
            let (a, b) = (Double(head[place]), Double(head[place + half]))
            let tolerance = (abs(a) + abs(b)) * (angle * gamma(5) + gamma(3))
            return [
                Bounded(value: a * cos(angle) - b * sin(angle), tolerance: tolerance),
                Bounded(value: a * sin(angle) + b * cos(angle), tolerance: tolerance),
            ]
        }
        return turned.map { $0[0] } + turned.map { $0[1] }
    }

    /// silu(gate) * up: exponential (two units), sum, quotient and product round.
    ///
    /// The exponential is infinite above 88, and nothing is left of the value.
    static func gated(_ gate: Float, _ up: Float) -> Bounded {
        let exact = Double(gate) / (1 + exp(-Double(gate))) * Double(up)
        let least = (1 + abs(Double(gate))) * (1 + abs(Double(up))) * exp(-88)
        return Bounded(value: exact, tolerance: gamma(6) * abs(exact) + least)
    }
}
