/// A `model.safetensors.index.json`: which shard has which tensor, read as hostile input.
struct ShardIndex: Sendable {
    /// The shards, sorted by name.
    let files: [String]
    private let namesByFile: [String: Set<String>]

    /// Parses the bytes of a file, which error texts call by a name.
    ///
    /// Throws: `badFormat`, `limit`.
    init(_ bytes: [UInt8], name: String) throws(ImportError) {
        let value = try JSONParser.value(
            of: bytes,
            name: name,
            valueCountMax: ImportLimits.indexValueCount
        )
        let fields = try JSONFields(value, name: name)
        guard let map = try fields.optionalObject("weight_map"), !map.keys.isEmpty else {
            throw fields.error(
                .badFormat,
                "weight_map",
                expected: "an object of at least one tensor",
                found: "none"
            )
        }
        var namesByFile: [String: Set<String>] = [:]
        for tensor in map.keys {
            let file = try map.optionalText(tensor) ?? ""
            guard isPlainName(file) else {
                throw map.error(
                    .badFormat,
                    tensor,
                    expected: "the name of a .safetensors file beside the index",
                    found: quoted(file)
                )
            }
            namesByFile[file, default: []].insert(tensor)
        }
        guard namesByFile.count <= ImportLimits.shardCount else {
            throw fields.error(
                .limit,
                "weight_map",
                expected: "at most \(ImportLimits.shardCount) files",
                found: "\(namesByFile.count)"
            )
        }
        self.namesByFile = namesByFile
        files = namesByFile.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes sure that a shard has the tensors that the index says, and no others.
    ///
    /// Throws: `badFormat`.
    func check(_ shard: SafetensorsFile) throws(ImportError) {
        let found = Set(shard.tensors.map(\.name))
        let stated = namesByFile[shard.fileName] ?? []
        guard let other = found.symmetricDifference(stated).min() else { return }
        throw ImportError(
            .badFormat,
            subject: "\(shard.fileName): tensor \(quoted(other))",
            expected: found.contains(other) ? "it in the index too" : "it, as the index says",
            found: found.contains(other) ? "it in the file only" : "a file without it"
        )
    }
}

/// Whether a name stays in its folder, whatever it is put behind.
private func isPlainName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && name.utf8.count <= 255 && !name.hasPrefix(".")
        && name.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != 0x7F }
}
