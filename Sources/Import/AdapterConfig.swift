/// An `adapter_config.json` of PEFT, read as hostile input; only plain LoRA is followed.
///
/// Every key with a value other than null, false or nothing has to be known: what a later PEFT adds
/// would otherwise change the arithmetic without anybody noticing.
/// Source: LoraConfig of PEFT 0.21.
struct AdapterConfig: Sendable {
    /// The inner width of every update.
    let rank: Int
    /// What the product of the two factors is multiplied by.
    let scale: Float
    /// Modules by the end of their names; nil if the file has a pattern instead.
    let targets: [String]?
    /// The blocks that are changed; nil for all.
    let layers: Set<Int>?
    /// Whether the file has a score head of its own.
    let savesScore: Bool
    /// The model that the adapter was made for, or nothing.
    let parentName: String

    private static let followed: Set<String> = [
        "peft_type", "r", "lora_alpha", "use_rslora", "bias", "layers_to_transform",
        "target_modules", "modules_to_save", "init_lora_weights", "base_model_name_or_path",
    ]

    /// What says how the adapter was trained or loaded, and nothing about its arithmetic.
    private static let inert: Set<String> = [
        "task_type", "peft_version", "lora_dropout", "inference_mode", "revision", "auto_mapping",
        "megatron_core", "qalora_group_size", "eva_config",
    ]

    /// Parses the bytes of a file, which error texts call by a name.
    ///
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ bytes: [UInt8], name: String) throws(ImportError) {
        let value = try JSONParser.value(
            of: bytes,
            name: name,
            valueCountMax: ImportLimits.configValueCount
        )
        let fields = try JSONFields(value, name: name)
        let known = Self.followed.union(Self.inert)
        for key in fields.keys where !known.contains(key) { try fields.refuse(key) }
        try checkKind(fields)
        rank = Int(try fields.count("r", limit: ImportLimits.adapterRank))
        guard let alpha = try fields.optionalNumber("lora_alpha", in: -1e6...1e6) else {
            throw fields.error(
                .badFormat,
                "lora_alpha",
                expected: "the key",
                found: "a file without it"
            )
        }
        let isRankStabilized = try fields.optionalFlag("use_rslora") ?? false
        let divisor = isRankStabilized ? Double(rank).squareRoot() : Double(rank)
        scale = Float(alpha / divisor)
        targets = try readTargets(fields)
        layers = try readLayers(fields)
        savesScore = try readSavesScore(fields)
        parentName = try fields.optionalText("base_model_name_or_path") ?? ""
    }

    /// Whether the adapter has to have an update of a module, such as "model.layers.0.mlp.up_proj".
    ///
    /// - Returns: nil if that cannot be told without following a pattern.
    func changes(module: String, layer: Int) -> Bool? {
        guard let targets else { return nil }
        let isTarget = targets.contains { module == $0 || module.hasSuffix("." + $0) }
        return isTarget && layers?.contains(layer) != false
    }
}

/// Refuses adapters that are no plain LoRA.
private func checkKind(_ fields: JSONFields) throws(ImportError) {
    let type = try fields.optionalText("peft_type") ?? ""
    guard type == "LORA" else {
        throw fields.error(.unsupported, "peft_type", expected: "\"LORA\"", found: quoted(type))
    }
    let bias = try fields.optionalText("bias") ?? "none"
    guard bias == "none" else {
        throw fields.error(.unsupported, "bias", expected: "\"none\"", found: quoted(bias))
    }
    switch fields["init_lora_weights"] {
    case nil, .null, .bool, .text("gaussian"), .text("eva"), .text("orthogonal"): return
    case let other?:
        // Such as "pissa": these take their part away from the model, which then is not the one stored.
        throw fields.error(
            .unsupported,
            "init_lora_weights",
            expected: "true, false, gaussian, eva or orthogonal, which leave the model as it is",
            found: other.description
        )
    }
}

private func readTargets(_ fields: JSONFields) throws(ImportError) -> [String]? {
    if case .text? = fields["target_modules"] { return nil }
    guard let targets = try fields.optionalTexts("target_modules"), !targets.isEmpty,
        targets.allSatisfy({ !$0.isEmpty })
    else {
        throw fields.error(
            .badFormat,
            "target_modules",
            expected: "the names of modules, or a pattern",
            found: fields["target_modules"]?.description ?? "nothing"
        )
    }
    return targets
}

private func readLayers(_ fields: JSONFields) throws(ImportError) -> Set<Int>? {
    let key = "layers_to_transform"
    let values: [JSONValue]
    switch fields[key] {
    case nil, .null: return nil
    case .array(let several): values = several
    case let one?: values = [one]
    }
    var layers: Set<Int> = []
    for value in values {
        guard case .number(let text) = value, let layer = Int(text), layer >= 0,
            layer < Int(ImportLimits.layerCount)
        else {
            throw fields.error(
                .badFormat,
                key,
                expected: "numbers of layers below \(ImportLimits.layerCount)",
                found: value.description
            )
        }
        layers.insert(layer)
    }
    return layers
}

private func readSavesScore(_ fields: JSONFields) throws(ImportError) -> Bool {
    let saved = try fields.optionalTexts("modules_to_save") ?? []
    // PEFT names both for every classifier, whichever of them there is.
    if let other = saved.first(where: { $0 != "score" && $0 != "classifier" }) {
        throw fields.error(
            .unsupported,
            "modules_to_save",
            expected: "\"score\" or nothing",
            found: quoted(other)
        )
    }
    return saved.contains("score")
}
