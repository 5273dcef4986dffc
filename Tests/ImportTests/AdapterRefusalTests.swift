import Foundation
import Store
import Testing

@testable import Import

/// One wrong thing in an otherwise sound adapter, and how it has to be refused.
struct AdapterFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: ImportError.Code
    /// A part of the error's text.
    let text: String
    let change: @Sendable (inout TinyAdapter) -> Void

    init(
        _ description: String,
        _ code: ImportError.Code,
        _ text: String,
        _ change: @escaping @Sendable (inout TinyAdapter) -> Void
    ) {
        testDescription = description
        self.code = code
        self.text = text
        self.change = change
    }

    /// A member of adapter_config.json with another value.
    static func config(
        _ key: String,
        _ value: String?,
        _ code: ImportError.Code,
        _ text: String
    ) -> AdapterFault {
        AdapterFault("\(key) = \(value ?? "nothing")", code, text) { $0.config[key] = value }
    }
}

@Suite("Refusing adapters and probes with one wrong thing")
struct AdapterRefusalTests {
    @Test("A wrong adapter is refused with its own reason", arguments: configs + tensors)
    func refuses(fault: AdapterFault) throws {
        let folder = try ImportFolder()
        _ = try folder.run(TinyCheckpoint().write(to: folder, as: "parent"))
        var adapter = TinyAdapter()
        fault.change(&adapter)
        let path = try adapter.write(to: folder)
        var options = ImportOptions()
        options.onto = "parent"
        let error = #expect(throws: ImportError.self) { try folder.run(path, options) }
        #expect(error?.code == fault.code, "\(String(describing: error))")
        #expect(
            error?.description.contains(fault.text) == true,
            "\(String(describing: error))"
        )
        #expect(try folder.packs().count == 1)
    }

    static let configs: [AdapterFault] = [
        .config("peft_type", "\"LOHA\"", .unsupported, "\"LORA\""),
        .config("r", "0", .badFormat, "a positive integer"),
        .config("r", nil, .badFormat, "the key"),
        .config("r", "8193", .limit, "at most 8192"),
        .config("r", "3", .badFormat, "shape [3, "),
        .config("lora_alpha", nil, .badFormat, "the key"),
        .config("lora_alpha", "NaN", .badFormat, "JSON at byte"),
        .config("lora_alpha", "1e999", .badFormat, "a number from"),
        .config("lora_alpha", "\"16\"", .badFormat, "a number from"),
        .config("use_dora", "true", .unsupported, "use_dora"),
        .config("bias", "\"all\"", .unsupported, "bias"),
        .config("fan_in_fan_out", "true", .unsupported, "fan_in_fan_out"),
        .config("rank_pattern", "{\"q_proj\":4}", .unsupported, "rank_pattern"),
        .config("alpha_pattern", "{\"q_proj\":4}", .unsupported, "alpha_pattern"),
        .config("a_key_of_later_releases", "1", .unsupported, "a_key_of_later_releases"),
        .config("init_lora_weights", "\"pissa\"", .unsupported, "init_lora_weights"),
        .config("layers_pattern", "[\"h\"]", .unsupported, "layers_pattern"),
        .config("layers_to_transform", "[-1]", .badFormat, "layers_to_transform"),
        .config("target_modules", "[]", .badFormat, "target_modules"),
        .config("target_modules", "null", .badFormat, "target_modules"),
        .config("target_modules", "[\"q_proj\"]", .unsupported, "mlp.down_proj.lora_A"),
        .config("target_modules", "[\"q_proj\",\"down_proj\",\"v_proj\"]", .badFormat, "v_proj"),
        .config("modules_to_save", "[\"lm_head\"]", .unsupported, "modules_to_save"),
        .config("modules_to_save", "[\"score\"]", .badFormat, "score.weight"),
    ]

    private static let query = TinyAdapter.name("self_attn.q_proj")

    static let tensors: [AdapterFault] = [
        AdapterFault("one factor is missing", .badFormat, "a file without it") {
            $0.weights.remove("\(query).lora_B.weight")
        },
        AdapterFault("factors the wrong way round", .badFormat, "shape [32, 2]") {
            $0.weights.change("\(query).lora_B.weight") { $0.shape = [2, 32] }
        },
        AdapterFault("rows of another model", .badFormat, "shape [32, 2]") {
            $0.weights.change("\(query).lora_B.weight") {
                $0.shape = [31, 2]
                $0.data.removeLast(8)
            }
        },
        AdapterFault("not a number", .badFormat, "finite numbers") {
            $0.weights.change("\(query).lora_A.weight") {
                $0.data.replaceSubrange(0..<4, with: littleEndian(Float.nan.bitPattern))
            }
        },
        AdapterFault("a sum that overflows", .badFormat, "can hold") {
            for factor in ["A", "B"] {
                $0.weights.change("\(query).lora_\(factor).weight") {
                    $0.data.replaceSubrange(0..<4, with: littleEndian(Float(1e30).bitPattern))
                }
            }
        },
        AdapterFault("an update of the embedding", .unsupported, "embed_tokens") {
            $0.weights.add("base_model.model.model.embed_tokens.lora_embedding_A", [2], [0, 0])
        },
        AdapterFault("a head that is not to be saved", .unsupported, "score.weight") {
            let zeros = [Float](repeating: 0, count: 32)
            $0.weights.add("base_model.model.score.weight", [1, 32], zeros)
        },
        AdapterFault("a layer that the model has not", .unsupported, "layers.1.") {
            let name = "base_model.model.model.layers.1.mlp.up_proj.lora_A.weight"
            $0.weights.add(name, [2, 32], [Float](repeating: 0, count: 64))
        },
    ]

    @Test("Options that do not fit what is imported are refused")
    func refusesOptions() throws {
        let folder = try ImportFolder()
        let model = try TinyCheckpoint().write(to: folder, as: "parent")
        let scalar = try TinyCheckpoint(isClassifier: true).write(to: folder, as: "scalar")
        let gguf = try folder.write(TinyModel.builder().bytes())
        let adapter = try TinyAdapter().write(to: folder)
        _ = try folder.run(model)
        let cases: [(String, String, (inout ImportOptions) -> Void)] = [
            (adapter, "--onto", { _ in }), (model, "--onto", { $0.onto = "parent" }),
            (gguf, "--onto", { $0.onto = "parent" }), (gguf, "meta-rm", { $0.role = .metaRM }),
            (model, "meta-rm", { $0.role = .metaRM }),
            (scalar, "threshold", { $0.metaThreshold = 0.5 }),
            (scalar, "threshold", { ($0.role, $0.metaThreshold) = (.metaRM, 1.5) }),
            (scalar, "threshold", { ($0.role, $0.metaThreshold) = (.metaRM, .nan) }),
            (adapter, "meta-rm", { ($0.onto, $0.role) = ("parent", .metaRM) }),
        ]
        for (path, subject, change) in cases {
            var options = ImportOptions()
            change(&options)
            let error = #expect(throws: ImportError.self) { try folder.run(path, options) }
            #expect(error?.code == .invalidOption, "\(String(describing: error))")
            #expect(error?.subject.contains(subject) == true, "\(String(describing: error))")
        }
        var options = ImportOptions()
        options.onto = "nobody"
        let error = #expect(throws: ImportError.self) { try folder.run(adapter, options) }
        guard case .store(let cause)? = error?.code else {
            Issue.record("expected an error of the store, found \(String(describing: error))")
            return
        }
        #expect(cause.code == .notFound)
    }
}
