import Kernels

/// What an adapter or a probe says about a version that it does not know yet.
struct ModelChange: Sendable {
    /// Where it was read.
    let place: ImportPlace
    /// Of an adapter, its configuration.
    let config: AdapterConfig?
    /// The digests of the files that were read.
    private(set) var digests = SourceDigests()

    private let file: FloatTensors

    /// Reads all files.
    ///
    /// Throws: what opening and reading throws; `badFormat`, `limit`, `unsupported`.
    init(reading place: ImportPlace) throws(ImportError) {
        self.place = place
        var digests = SourceDigests()
        if place.form == .adapter {
            let document = try readWholeFile(
                at: "\(place.path)/adapter_config.json",
                maximumBytes: ImportLimits.configBytes
            )
            digests.add(document)
            config = try AdapterConfig(document.bytes, name: document.name)
            file = try FloatTensors(at: "\(place.path)/adapter_model.safetensors", &digests)
        } else {
            config = nil
            file = try FloatTensors(at: "\(place.path)/probe.safetensors", &digests)
        }
        self.digests = digests
    }

    /// The heads that the files have, for hidden states of a width.
    ///
    /// Throws: `badFormat` for another shape.
    func heads(width: Int) throws(ImportError) -> [HeadVector] {
        guard let config else { return try head(.probe, prefix: "", width: width) }
        return config.savesScore ? try head(.score, prefix: Self.prefix, width: width) : []
    }

    /// The updates of matrices by their names in the store.
    ///
    /// - Parameters:
    ///   - shapes: The matrices that the version has, by their names in the store.
    ///   - layerCount: Layers that it has.
    /// - Returns: What is added to each matrix that changes.
    /// - Throws: `badFormat` for a factor of another shape and for one that is missing, `unsupported`
    ///   for a tensor that grmd does not know how to merge.
    func updates(
        of shapes: [String: [Int]],
        layerCount: Int
    ) throws(ImportError) -> [String: LowRankUpdate] {
        var known = Set(HeadVector.Kind.probe.names.all)
        guard let config else {
            try checkNames(known)
            return [:]
        }
        known =
            config.savesScore
            ? Set(HeadVector.Kind.score.names.all.map { Self.prefix + $0 }) : []
        var updates: [String: LowRankUpdate] = [:]
        for layer in 0..<layerCount {
            for part in CheckpointNames.adaptable.values {
                let stored = "blk.\(layer).\(part).weight"
                guard let shape = shapes[stored] else { continue }
                let module = String(CheckpointNames.name(of: stored).dropLast(".weight".count))
                let factors = Factors(module)
                let isThere = file.tensors[factors.down] != nil || file.tensors[factors.up] != nil
                guard config.changes(module: module, layer: layer) ?? isThere else { continue }
                known.formUnion([factors.down, factors.up])
                updates[stored] = try update(factors, shape, config)
            }
        }
        try checkNames(known)
        guard !updates.isEmpty else {
            throw ImportError(
                .badFormat,
                subject: file.fileName,
                expected: "an update of at least one matrix",
                found: "none"
            )
        }
        return updates
    }

    /// What PEFT puts before the names of a model.
    private static let prefix = "base_model.model."

    /// The names of the two tensors of an update.
    private struct Factors {
        let down: String
        let up: String

        init(_ module: String) {
            down = "\(ModelChange.prefix)\(module).lora_A.weight"
            up = "\(ModelChange.prefix)\(module).lora_B.weight"
        }
    }

    private func update(
        _ factors: Factors,
        _ shape: [Int],
        _ config: AdapterConfig
    ) throws(ImportError) -> LowRankUpdate {
        let down = try file.tensor(factors.down, shapes: [[config.rank, shape[1]]])
        let up = try file.tensor(factors.up, shapes: [[shape[0], config.rank]])
        do {
            return try LowRankUpdate(
                up: up.values,
                down: down.values,
                rank: config.rank,
                scale: config.scale
            )
        } catch {
            throw file.error(
                .badFormat,
                factors.up,
                expected: error.expected,
                found: error.found
            )
        }
    }

    private func head(
        _ kind: HeadVector.Kind,
        prefix: String,
        width: Int
    ) throws(ImportError) -> [HeadVector] {
        let names = kind.names
        let weight = try file.tensor(prefix + names.weight, shapes: [[1, width], [width]])
        let head = HeadVector(
            name: names.weight,
            values: weight.values,
            sourceType: weight.type.name
        )
        guard file.tensors[prefix + names.bias] != nil else {
            return [head, HeadVector(name: names.bias, values: [0], sourceType: "none")]
        }
        let bias = try file.tensor(prefix + names.bias, shapes: [[1]])
        return [
            head, HeadVector(name: names.bias, values: bias.values, sourceType: bias.type.name),
        ]
    }

    private func checkNames(_ known: Set<String>) throws(ImportError) {
        guard let other = file.tensors.keys.filter({ !known.contains($0) }).min() else { return }
        throw file.error(
            .unsupported,
            other,
            expected: config == nil
                ? "probe.weight and probe.bias only"
                : "an update of a q, k, v, o, gate, up or down projection that target_modules names, "
                    + "or the score head of modules_to_save",
            found: "another tensor"
        )
    }
}
