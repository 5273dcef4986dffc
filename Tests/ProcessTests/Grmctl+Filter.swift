import Foundation
import Testing

extension Grmctl {
    /// Imports a meta-RM: the tiny model with an adapter that changes nothing and brings a head.
    func importFilter(_ name: String, onto parent: String) throws {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        try #"""
        {"peft_type":"LORA","r":2,"lora_alpha":2,"bias":"none","target_modules":["q_proj"],
        "modules_to_save":["score"],"task_type":"SEQ_CLS","base_model_name_or_path":"tiny"}
        """#.write(toFile: path + "/adapter_config.json", atomically: true, encoding: .utf8)
        let module = "base_model.model.model.layers.0.self_attn.q_proj"
        let head = (0..<64).flatMap { place in
            withNumber(Float(place % 7) / 4 - 0.75)
        }
        try safetensors([
            ("\(module).lora_A.weight", [2, 64], Data(count: 512)),
            ("\(module).lora_B.weight", [64, 2], Data(count: 512)),
            ("base_model.model.score.weight", [1, 64], Data(head)),
        ]).write(to: URL(filePath: path + "/adapter_model.safetensors"))
        let outcome = try run("import", path, "--onto", parent, "--name", name, "--role", "meta-rm")
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func withNumber(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }

    private func safetensors(_ tensors: [(name: String, shape: [Int], data: Data)]) -> Data {
        var data = Data()
        let entries = tensors.map { tensor in
            let start = data.count
            data += tensor.data
            return #""\#(tensor.name)":{"dtype":"F32","shape":\#(tensor.shape),"#
                + #""data_offsets":[\#(start),\#(data.count)]}"#
        }
        let header = Data("{\(entries.joined(separator: ","))}".utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return Data(length) + header + data
    }
}
