import Foundation

/// A LoRA adapter for the model of `TinyModel` as PEFT writes it, with seeded numbers.
struct TinyAdapter: Sendable {
    static let rank = 2

    /// Rows and columns of the matrices that can be changed.
    static let shapes = [
        "self_attn.q_proj": (32, 32), "self_attn.k_proj": (16, 32), "self_attn.v_proj": (16, 32),
        "self_attn.o_proj": (32, 32), "mlp.gate_proj": (64, 32), "mlp.up_proj": (64, 32),
        "mlp.down_proj": (32, 64),
    ]

    /// The members of adapter_config.json, each as JSON.
    var config: [String: String]
    var weights = SafetensorsBuilder()

    /// Changes the modules with these last names, such as "q_proj".
    init(_ targets: [String] = ["q_proj", "down_proj"]) {
        config = [
            "peft_type": #""LORA""#, "r": "\(Self.rank)", "lora_alpha": "3", "bias": #""none""#,
            "target_modules": "[" + targets.map { #""\#($0)""# }.joined(separator: ",") + "]",
            "lora_dropout": "0.1", "task_type": #""CAUSAL_LM""#, "inference_mode": "true",
            "use_dora": "false", "rank_pattern": "{}", "layers_to_transform": "null",
            "megatron_core": #""megatron.core""#, "init_lora_weights": "true",
            "base_model_name_or_path": #""somebody/tiny""#,
        ]
        var random = SeededNumbers(seed: 11)
        for (module, shape) in Self.shapes.sorted(by: { $0.key < $1.key }) {
            guard targets.contains(where: { module == $0 || module.hasSuffix(".\($0)") }) else {
                continue
            }
            let name = Self.name(module)
            let down = Self.numbers(2 * shape.1, &random)
            let up = Self.numbers(2 * shape.0, &random)
            weights.add("\(name).lora_A.weight", [2, UInt64(shape.1)], down)
            weights.add("\(name).lora_B.weight", [UInt64(shape.0), 2], up)
        }
    }

    static func name(_ module: String) -> String { "base_model.model.model.layers.0.\(module)" }

    private static func numbers(_ count: Int, _ random: inout SeededNumbers) -> [Float] {
        (0..<count).map { _ in random.nextFloat() / 4 }
    }

    /// The floats of one of the tensors.
    func numbers(_ name: String) -> [Float] {
        guard let tensor = weights.tensors.first(where: { $0.name == name }) else { return [] }
        return stride(from: 0, to: tensor.data.count, by: 4).map { place in
            let bits = tensor.data[place..<place + 4].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            return Float(bitPattern: bits)
        }
    }

    /// Writes the folder and returns its path.
    func write(to folder: ImportFolder, as name: String = "adapter") throws -> String {
        let path = "\(folder.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        let text = config.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
        _ = try folder.write(Array("{\(text)}".utf8), as: "\(name)/adapter_config.json")
        _ = try folder.write(weights.bytes(), as: "\(name)/adapter_model.safetensors")
        return path
    }
}

/// A folder with a probe of these tensors.
func writeProbe(
    _ builder: SafetensorsBuilder,
    to folder: ImportFolder,
    as name: String = "probe"
) throws -> String {
    let path = "\(folder.path)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    _ = try folder.write(builder.bytes(), as: "\(name)/probe.safetensors")
    return path
}
