import Foundation
import Kernels

/// Writes safetensors files for tests, sound ones and, where a field says so, unsound ones.
struct SafetensorsBuilder: Sendable {
    struct Tensor: Sendable {
        var name: String
        var dtype: String
        var shape: [UInt64]
        var data: [UInt8]
        /// Where the file says the data is; nil: where it is.
        var statedOffsets: [UInt64]?
    }

    var tensors: [Tensor] = []
    /// Entries of the header behind those of the tensors, as JSON.
    var extra = #""__metadata__":{"format":"pt"}"#
    /// The whole header, instead of the one that the tensors give.
    var header: String?
    var statedHeaderBytes: UInt64?
    /// Bytes behind the last tensor.
    var trailing: [UInt8] = []

    mutating func add(_ name: String, _ shape: [UInt64], _ values: [Float]) {
        let data = values.flatMap { littleEndian($0.bitPattern) }
        tensors.append(Tensor(name: name, dtype: "F32", shape: shape, data: data))
    }

    mutating func change(_ name: String, _ body: (inout Tensor) -> Void) {
        for index in tensors.indices where tensors[index].name == name { body(&tensors[index]) }
    }

    mutating func remove(_ name: String) { tensors.removeAll { $0.name == name } }

    /// The file; the header is padded to eight bytes, as other writers do it.
    func bytes() -> [UInt8] {
        var text = Array((header ?? makeHeader()).utf8)
        while text.count % 8 != 0 { text.append(0x20) }
        return littleEndian(statedHeaderBytes ?? UInt64(text.count)) + text
            + tensors.flatMap(\.data) + trailing
    }

    private func makeHeader() -> String {
        var entries: [String] = []
        var offset: UInt64 = 0
        for tensor in tensors {
            let end = offset + UInt64(tensor.data.count)
            let ends = tensor.statedOffsets ?? [offset, end]
            entries.append(
                #""\#(tensor.name)":{"dtype":"\#(tensor.dtype)","shape":\#(tensor.shape),"#
                    + #""data_offsets":\#(ends)}"#
            )
            offset = end
        }
        if !extra.isEmpty { entries.append(extra) }
        return "{" + entries.joined(separator: ",") + "}"
    }
}
