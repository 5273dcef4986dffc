import Foundation
import Store

/// One tensor of a scalar head as the store keeps it: numbers on the last hidden state.
///
/// A version with "score.weight" is a scalar model; one with "probe.weight" has a head on the states
/// of its own generation. Each has a bias beside it, which is 0 if the source has none.
struct HeadVector: Hashable, Sendable {
    /// The name in the store.
    let name: String
    /// Shape: [width], or [1] for a bias.
    let values: [Float]
    /// The type in the source, such as "BF16".
    let sourceType: String

    /// The heads that a version can have, by the beginning of the names of their tensors.
    enum Kind: String, CaseIterable {
        case score, probe

        /// The names of its two tensors.
        var names: Names {
            Names(weight: "\(rawValue).weight", bias: "\(rawValue).bias")
        }
    }

    /// The names of the two tensors of a head.
    struct Names: Hashable {
        let weight: String
        let bias: String

        /// Both of them.
        var all: [String] { [weight, bias] }
    }

    /// The bytes in a pack: 32-bit floats, little endian.
    var bytes: Data {
        var bytes = Data(capacity: 4 * values.count)
        for value in values {
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
            }
        }
        return bytes
    }

    /// The record of the manifest, less the place in a pack.
    var record: TensorRecord {
        var record = TensorRecord()
        record.name = name
        record.format = "f32"
        record.shape = [UInt32(values.count)]
        record.sourceType = sourceType
        return record
    }
}
