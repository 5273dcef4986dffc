import Foundation
import Kernels
import Store
import Testing

@testable import Import

@Suite("Merging LoRA adapters onto stored versions")
struct AdapterTests {
    private func parent(
        _ folder: ImportFolder,
        _ format: NumberFormat? = nil,
        isClassifier: Bool = false
    ) throws -> StoredVersion {
        let path = try TinyCheckpoint(isClassifier: isClassifier).write(to: folder, as: "parent")
        return try folder.run(path, ImportOptions(format: format))
    }

    private func onto(_ name: String, format: NumberFormat? = nil) -> ImportOptions {
        var options = ImportOptions(format: format)
        options.onto = name
        return options
    }

    /// W + scale B A by its definition, in f64.
    private func sum(
        _ stored: [Float],
        _ adapter: TinyAdapter,
        _ module: String,
        scale: Double
    ) -> [Double] {
        let name = TinyAdapter.name(module)
        let down = adapter.numbers("\(name).lora_A.weight")
        let up = adapter.numbers("\(name).lora_B.weight")
        let (columns, rank) = (down.count / TinyAdapter.rank, TinyAdapter.rank)
        return stored.indices.map { place in
            let (row, column) = place.quotientAndRemainder(dividingBy: columns)
            let change = (0..<rank).reduce(0.0) {
                $0 + Double(up[row * rank + $1]) * Double(down[$1 * columns + column])
            }
            return Double(stored[place]) + scale * change
        }
    }

    @Test(
        "A merged matrix is W + (alpha / r) B A, with the root of r for rsLoRA",
        arguments: [false, true]
    )
    func merges(isRankStabilized: Bool) throws {
        let folder = try ImportFolder()
        let first = try parent(folder)
        var adapter = TinyAdapter(Array(TinyAdapter.shapes.keys))
        adapter.config["use_rslora"] = "\(isRankStabilized)"
        let version = try folder.run(adapter.write(to: folder), onto("parent"))
        #expect(version.manifest.parent == first.digest)
        #expect(version.manifest.name == "adapter")
        #expect(version.manifest.source.generalName == "somebody/tiny")
        let scale = isRankStabilized ? 3 / 2.0.squareRoot() : 1.5
        for module in TinyAdapter.shapes.keys {
            let pair = TinyCheckpoint.names.first { $0.value == "model.layers.0.\(module).weight" }
            let name = try #require(pair?.key)
            let stored = try values(name, first.manifest, folder)
            let expected = sum(stored, adapter, module, scale: scale)
            for (found, wanted) in try zip(values(name, version.manifest, folder), expected) {
                // Four roundings of numbers below 4.
                #expect(abs(Double(found) - wanted) < 4 * 4 * 0x1p-24)
            }
            #expect(expected != stored.map(Double.init))
        }
    }

    @Test("What does not change keeps its place, and no pack is collected that a version needs")
    func sharesTensors() throws {
        let folder = try ImportFolder()
        let first = try parent(folder)
        let version = try folder.run(TinyAdapter().write(to: folder), onto(first.digest))
        let changed = ["blk.0.attn_q.weight", "blk.0.ffn_down.weight"]
        for (before, after) in zip(first.manifest.tensors, version.manifest.tensors) {
            #expect(before.name == after.name)
            #expect((before == after) == !changed.contains(before.name))
        }
        #expect(version.manifest.tokenizer == first.manifest.tokenizer)
        #expect(version.packs.count == 2)
        #expect(Set(first.packs).isSubset(of: version.packs))
        #expect(try collectGarbage(in: folder.store(), graceSeconds: 0).isEmpty)
        for blob in version.manifest.tensors.map(\.blob) {
            try WeightMap(folder.store(), pack: blob.pack).verify(blob)
        }
        #expect(try folder.run(folder.path + "/adapter", onto("parent")) == version)
    }

    @Test(
        "The format is kept, but 4 bits become 8; rounding is told as a share of the update",
        arguments: [
            (NumberFormat.f32, NumberFormat?.none, NumberFormat.f32), (.bf16, nil, .bf16),
            (.q8, nil, .q8), (.q4, nil, .q8), (.q4, .q4, .q4), (.f32, .q8, .q8),
            (.q8, .bf16, .bf16),
        ]
    )
    func formats(stored: NumberFormat, asked: NumberFormat?, expected: NumberFormat) throws {
        let folder = try ImportFolder()
        let first = try parent(folder, stored)
        let adapter = TinyAdapter()
        let version = try folder.run(adapter.write(to: folder), onto("parent", format: asked))
        let name = "blk.0.attn_q.weight"
        let record = try #require(version.manifest.tensors.first { $0.name == name })
        #expect(record.format == expected.rawValue)
        #expect(record.sourceType == "F32 + LoRA")
        let kept = version.manifest.tensors.filter { $0.sourceType == "F32" && $0.shape.count == 2 }
        #expect(kept.allSatisfy { $0.format == stored.rawValue })
        let rounding = version.manifest.rounding
        #expect(rounding.map(\.format) == (expected == .f32 ? [] : [expected.rawValue]))
        guard let found = rounding.first else { return }
        #expect(found.sourceType == "LoRA update")
        let error = try roundingOfUpdate(first, version, adapter, folder)
        #expect(abs(found.relativeError / error - 1) < 1e-3)
    }

    /// The rounding by its definition: the stored sums against the exact ones, over the updates.
    private func roundingOfUpdate(
        _ first: StoredVersion,
        _ version: StoredVersion,
        _ adapter: TinyAdapter,
        _ folder: ImportFolder
    ) throws -> Double {
        var (error, change) = (0.0, 0.0)
        for (name, module) in [
            ("blk.0.attn_q.weight", "self_attn.q_proj"), ("blk.0.ffn_down.weight", "mlp.down_proj"),
        ] {
            let before = try floats(name, first, folder)
            let after = try floats(name, version, folder)
            let exact = sum(before, adapter, module, scale: 1.5)
            for place in before.indices {
                error += pow(Double(after[place]) - exact[place], 2)
                change += pow(exact[place] - Double(before[place]), 2)
            }
        }
        return (error / change).squareRoot()
    }

    /// A stored matrix, widened by products with the rows of the unit matrix: an update of zero.
    private func floats(
        _ name: String,
        _ version: StoredVersion,
        _ folder: ImportFolder
    ) throws -> [Float] {
        let record = try #require(version.manifest.tensors.first { $0.name == name })
        let format = try #require(NumberFormat(rawValue: record.format))
        let (rows, columns) = (Int(record.shape[0]), Int(record.shape[1]))
        let nothing = try LowRankUpdate(
            up: [Float](repeating: 0, count: rows),
            down: [Float](repeating: 0, count: columns),
            rank: 1,
            scale: 1
        )
        let map = try WeightMap(folder.store(), pack: record.blob.pack)
        let wide = try map.withBytes(of: record.blob) {
            try nothing.merged(into: $0, format: format, as: .f32).packed
        }
        return try widened(Data(wide).bytes, type: .f32)
    }

    @Test("Only the layers that the adapter names have to be there")
    func followsLayers() throws {
        let folder = try ImportFolder()
        _ = try parent(folder)
        var adapter = TinyAdapter()
        adapter.config["layers_to_transform"] = "[0]"
        _ = try folder.run(adapter.write(to: folder, as: "one"), onto("parent"))
        adapter.config["layers_to_transform"] = "7"
        let path = try adapter.write(to: folder, as: "two")
        let error = #expect(throws: ImportError.self) { try folder.run(path, onto("parent")) }
        #expect(error?.code == .unsupported)
        adapter.config["layers_to_transform"] = "null"
        adapter.config["target_modules"] = #"".*(q|down)_proj""#
        let pattern = try folder.run(adapter.write(to: folder, as: "three"), onto("parent"))
        #expect(pattern.manifest.tensors.filter { $0.sourceType == "F32 + LoRA" }.count == 2)
    }

    @Test("A score head that the adapter saves becomes that of the version")
    func replacesHead() throws {
        let folder = try ImportFolder()
        _ = try parent(folder, isClassifier: true)
        var adapter = TinyAdapter()
        adapter.config["modules_to_save"] = #"["classifier","score"]"#
        adapter.weights.add(
            "base_model.model.score.weight",
            [1, 32],
            Array(repeating: 0.5, count: 32)
        )
        var options = onto("parent")
        options.role = .metaRM
        let manifest = try folder.run(adapter.write(to: folder), options).manifest
        #expect(try values("score.weight", manifest, folder) == Array(repeating: 0.5, count: 32))
        #expect(manifest.tensors.filter { $0.name.hasPrefix("score.") }.count == 2)
        #expect(manifest.role == "meta-rm")
    }

    @Test(
        "All but a threshold comes from the version merged onto: role, licence, template, defaults"
    )
    func inherits() throws {
        let folder = try ImportFolder()
        let path = try TinyCheckpoint(isClassifier: true).write(to: folder, as: "parent")
        var options = ImportOptions(licence: "MIT")
        options.role = .metaRM
        options.metaThreshold = 0.5
        options.promptTemplate = "Judge."
        (options.mode, options.readout) = ("isolated", "expected")
        _ = try folder.run(path, options)
        var change = onto("parent")
        (change.readout, change.maxJudgmentTokens) = ("sampled", 0)
        let manifest = try folder.run(TinyAdapter().write(to: folder), change).manifest
        #expect(manifest.role == "meta-rm")
        #expect(manifest.licence == "MIT")
        #expect(manifest.promptTemplate == "Judge.")
        #expect(manifest.generation.mode == "isolated")
        #expect(manifest.generation.readout == "sampled")
        #expect(
            manifest.generation.hasMaxJudgmentTokens && manifest.generation.maxJudgmentTokens == 0
        )
        #expect(!manifest.hasMetaThreshold)
    }

    @Test("Damage to the version merged onto does not get into a new one")
    func refusesDamage() throws {
        let folder = try ImportFolder()
        let first = try parent(folder)
        let pack = try folder.store().packPath(first.packs[0])
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: pack)))
        let name = "blk.0.attn_q.weight"
        let stored = try values(name, first.manifest, folder).prefix(4).flatMap {
            littleEndian($0.bitPattern)
        }
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: stored) })
        bytes[place] ^= 1
        try FileManager.default.removeItem(atPath: pack)
        try Data(bytes).write(to: URL(filePath: pack))
        let path = try TinyAdapter().write(to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path, onto("parent")) }
        guard case .store(let cause)? = error?.code else {
            Issue.record("expected an error of the store, found \(String(describing: error))")
            return
        }
        #expect(cause.code == .corrupt)
        #expect(try folder.packs().count == 1)
    }
}
