import Foundation
import Kernels
import Store
import Testing

@testable import Import

@Suite("Probes, roles and templates")
struct ProbeTests {
    private var onto: ImportOptions {
        var options = ImportOptions()
        options.onto = "parent"
        return options
    }

    private var probe: SafetensorsBuilder {
        var builder = SafetensorsBuilder()
        builder.add("probe.weight", [1, 32], (0..<32).map { Float($0) })
        builder.add("probe.bias", [1], [0.25])
        return builder
    }

    private func folder() throws -> ImportFolder {
        let folder = try ImportFolder()
        _ = try folder.run(TinyCheckpoint().write(to: folder, as: "parent"))
        return folder
    }

    @Test("A probe is two vectors beside the tensors of its version")
    func adds() throws {
        let folder = try folder()
        let version = try folder.run(writeProbe(probe, to: folder), onto)
        let manifest = version.manifest
        #expect(try values("probe.weight", manifest, folder) == (0..<32).map { Float($0) })
        #expect(try values("probe.bias", manifest, folder) == [0.25])
        #expect(manifest.tensors.count == 13)
        #expect(manifest.role == "grm")
        #expect(version.packs.count == 2)
        #expect(try folder.run(folder.path + "/probe/probe.safetensors", onto) == version)
    }

    @Test("A probe brings the threshold that was found with it; without a probe a judge has none")
    func threshold() throws {
        let folder = try folder()
        var options = onto
        options.metaThreshold = 0.375
        let manifest = try folder.run(writeProbe(probe, to: folder), options).manifest
        #expect(manifest.metaThreshold == 0.375 && manifest.role == "grm")
        let again = try folder.run(writeProbe(probe, to: folder, as: "later"), onto).manifest
        #expect(!again.hasMetaThreshold)
        options.onto = nil
        #expect(throws: ImportError.self) {
            try folder.run(TinyCheckpoint().write(to: folder, as: "plain"), options)
        }
    }

    @Test("A later probe replaces one, and without a bias it is zero")
    func replaces() throws {
        let folder = try folder()
        let first = try folder.run(writeProbe(probe, to: folder), onto)
        var other = probe
        other.remove("probe.bias")
        var options = onto
        options.onto = first.digest
        let manifest = try folder.run(writeProbe(other, to: folder, as: "other"), options).manifest
        #expect(try values("probe.bias", manifest, folder) == [0])
        #expect(manifest.tensors.count == 13)
        #expect(manifest.parent == first.digest)
    }

    @Test("An adapter does not go onto a version with a probe, which knows other states")
    func refusesAdapter() throws {
        let folder = try folder()
        var options = onto
        options.onto = try folder.run(writeProbe(probe, to: folder), onto).digest
        let path = try TinyAdapter().write(to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path, options) }
        #expect(error?.code == .unsupported)
        #expect(error?.expected.hasPrefix("no probe") == true)
    }

    @Test(
        "A wrong probe is refused",
        arguments: [
            (["probe.weight": [1, 31]], ImportError.Code.badFormat),
            (["probe.weight": [2, 32]], .badFormat), (["probe.bias": [1]], .badFormat),
            (["probe.weight": [1, 32], "probe.bias": [2]], .badFormat),
            (["probe.weight": [1, 32], "probe.scale": [1]], .unsupported),
        ]
    )
    func refuses(shapes: [String: [UInt64]], code: ImportError.Code) throws {
        let folder = try folder()
        var builder = SafetensorsBuilder()
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            builder.add(name, shape, [Float](repeating: 1, count: Int(shape.reduce(1, *))))
        }
        let path = try writeProbe(builder, to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(path, onto) }
        #expect(error?.code == code, "\(String(describing: error))")
    }

    @Test("A probe does not go onto a meta-RM")
    func refusesMetaRM() throws {
        let folder = try ImportFolder()
        var options = ImportOptions()
        options.role = .metaRM
        let path = try TinyCheckpoint(isClassifier: true).write(to: folder, as: "parent")
        _ = try folder.run(path, options)
        let file = try writeProbe(probe, to: folder)
        let error = #expect(throws: ImportError.self) { try folder.run(file, onto) }
        #expect(error?.code == .invalidOption)
    }

    @Test("A folder of two kinds and one of none are refused, and a file in it says which is meant")
    func choosesKind() throws {
        let folder = try folder()
        let path = try writeProbe(probe, to: folder, as: "both")
        _ = try TinyAdapter().write(to: folder, as: "both")
        let error = #expect(throws: ImportError.self) { try folder.run(path, onto) }
        #expect(error?.code == .notRegularFile)
        #expect(error?.found.contains("probe.safetensors") == true)
        let shard = try folder.write([], as: "model-1-of-2.safetensors")
        let part = #expect(throws: ImportError.self) { try folder.run(shard) }
        #expect(part?.code == .unsupported)
        var options = onto
        options.name = "chosen"
        let version = try folder.run(path + "/probe.safetensors", options)
        #expect(version.manifest.importer == "grmd, from a probe")
    }

    @Test("A template is stored as it is; one that is too long, empty or no text is refused")
    func readsTemplate() throws {
        let folder = try folder()
        let text = "Judge {{ this }}.\n\tÜber\r\n"
        var options = ImportOptions(name: "templated")
        options.promptTemplate = try readPromptTemplate(at: folder.write(Array(text.utf8), as: "t"))
        let manifest = try folder.run(folder.path + "/parent", options).manifest
        #expect(manifest.promptTemplate == text)
        for (bytes, code) in [
            ([], ImportError.Code.badFormat), (Array(" \n".utf8), .badFormat),
            ([0xFF, 0x41], .badFormat), ([UInt8](repeating: 0x41, count: 65_537), .limit),
        ] {
            let file = try folder.write(bytes, as: "t")
            let error = #expect(throws: ImportError.self) { try readPromptTemplate(at: file) }
            #expect(error?.code == code)
        }
    }

    @Test("The same files with another role or template are another version")
    func refusesOtherOptions() throws {
        let folder = try ImportFolder()
        let path = try TinyCheckpoint(isClassifier: true).write(to: folder)
        let first = try folder.run(path)
        let changes: [(inout ImportOptions) -> Void] = [
            { $0.role = .metaRM }, { $0.promptTemplate = "Judge." }, { $0.licence = "MIT" },
            { $0.format = .q8 }, { $0.mode = "isolated" }, { $0.readout = "expected" },
            { $0.maxJudgmentTokens = 0 },
        ]
        for change in changes {
            var options = ImportOptions()
            change(&options)
            let error = #expect(throws: ImportError.self) { try folder.run(path, options) }
            guard case .store(let cause)? = error?.code else {
                Issue.record("expected an error of the store, found \(String(describing: error))")
                continue
            }
            #expect(cause.code == .alreadyExists)
        }
        var same = ImportOptions()
        same.role = .grm
        #expect(try folder.run(path, same) == first)
    }
}
