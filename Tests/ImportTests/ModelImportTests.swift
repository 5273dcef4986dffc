import Foundation
import Inference
import Kernels
import Store
import Testing

@testable import Import

@Suite("Importing a model into a store")
struct ModelImportTests {
    @Test("Every tensor lies in the store as the kernels pack it", arguments: SourceType.allCases)
    func importsTensors(type: SourceType) throws {
        let folder = try ImportFolder()
        let builder = TinyModel.builder(type)
        let version = try folder.run(folder.write(builder.bytes()))
        #expect(version.manifest.tensors.count == builder.tensors.count)
        for tensor in builder.tensors {
            let name = String(decoding: tensor.name, as: UTF8.self)
            let record = try #require(version.manifest.tensors.first { $0.name == name })
            let isTurned = name.contains("attn_q") || name.contains("attn_k")
            let packed = try pack(
                isTurned ? tensor.inHalves(headWidth: Int(tensor.dimensions[0]) / 2) : tensor,
                NumberFormat.packed(for: type)
            )
            #expect(record.shape == tensor.dimensions.reversed().map { UInt32($0) })
            #expect(record.blob.bytes == UInt64(packed.count))
            #expect(try record.blob.sha256 == folder.digest(of: packed))
            let map = try WeightMap(folder.store(), pack: record.blob.pack)
            try map.verify(record.blob)
        }
    }

    @Test("Float matrices lie in the store as in the file")
    func keepsFloats() throws {
        let folder = try ImportFolder()
        let builder = TinyModel.builder(.f32)
        let version = try folder.run(folder.write(builder.bytes()))
        for (tensor, record) in zip(builder.tensors, version.manifest.tensors) {
            let name = String(decoding: tensor.name, as: UTF8.self)
            guard !name.contains("attn_q"), !name.contains("attn_k") else { continue }
            #expect(record.format == "f32")
            #expect(try record.blob.sha256 == folder.digest(of: tensor.data))
        }
    }

    @Test("The manifest says where the version came from")
    func describesSource() throws {
        let folder = try ImportFolder()
        let bytes = TinyModel.builder().bytes()
        let version = try folder.run(folder.write(bytes, as: "Tiny model.gguf"))
        let manifest = version.manifest
        #expect(manifest.name == "Tiny-model")
        #expect(manifest.source.file == "Tiny model.gguf")
        #expect(manifest.source.bytes == UInt64(bytes.count))
        #expect(try manifest.source.sha256 == folder.digest(of: bytes))
        #expect(manifest.source.generalName == "Tiny Model")
        #expect(manifest.licence == "apache-2.0")
        #expect(manifest.chatFormat.name == "chatml")
        #expect(manifest.architecture == "llama")
        let catalogue = try Catalogue(folder.store(), access: .reading)
        #expect(try catalogue.version("Tiny-model") == version)
    }

    @Test("The tokenizer in the store is the one in the file")
    func keepsTokenizer() throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder().bytes())
        let blob = try folder.run(file).manifest.tokenizer
        let map = try WeightMap(folder.store(), pack: blob.pack)
        let plan = try ImportPlan(folder.header(of: file), options: ImportOptions())
        let bytes = [UInt8](try plan.tokenizerBytes())
        try map.verify(blob)
        #expect(try blob.sha256 == folder.digest(of: bytes))
        #expect(try Tokenizer(plan.tokenizer).encode("hell").map(\.rawValue) == [261])
    }

    @Test("Options change the name, the format and the licence")
    func followsOptions() throws {
        let folder = try ImportFolder()
        let options = ImportOptions(name: "judge-1", format: .q8, licence: "MIT")
        let version = try folder.run(folder.write(TinyModel.builder().bytes()), options)
        #expect(version.manifest.name == "judge-1")
        #expect(version.manifest.licence == "MIT")
        for record in version.manifest.tensors {
            #expect(record.format == (record.shape.count == 1 ? "f32" : NumberFormat.q8.rawValue))
            #expect(record.sourceType == "F32")
        }
    }

    @Test("What is there already is returned and not written again")
    func importsOnce() throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder().bytes())
        let first = try folder.run(file)
        #expect(try folder.run(file) == first)
        #expect(try folder.packs().count == 1)
    }

    @Test("A name that another file or another format has is refused")
    func refusesTakenName() throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder().bytes())
        let first = try folder.run(file, ImportOptions(name: "one"))
        let other = try folder.write(TinyModel.builder(.f16).bytes(), as: "other.gguf")
        let attempts = [
            (other, ImportOptions(name: "one")), (file, ImportOptions(name: "one", format: .bf16)),
        ]
        for (path, options) in attempts {
            let error = #expect(throws: ImportError.self) { try folder.run(path, options) }
            guard case .store(let cause)? = error?.code else {
                Issue.record("expected an error of the store, found \(String(describing: error))")
                continue
            }
            #expect(cause.code == .alreadyExists)
        }
        let catalogue = try Catalogue(folder.store(), access: .reading)
        #expect(try catalogue.versions() == [first])
    }

    @Test("Progress goes from reading over every tensor to done")
    func reportsProgress() throws {
        let folder = try ImportFolder()
        let builder = TinyModel.builder()
        let file = try folder.write(builder.bytes())
        var steps: [ImportProgress] = []
        _ = try importModel(at: file, into: folder.store(), options: ImportOptions()) {
            steps.append($0)
        }
        #expect(steps.first?.phase == .reading)
        #expect(steps.last?.phase == .done)
        #expect(steps.last?.bytesDone == UInt64(builder.bytes().count))
        #expect(steps.filter { $0.phase == .packing }.count == builder.tensors.count)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.bytesDone <= $1.bytesDone })
    }

    @Test("The manifest says how far rounding went, for each type that was rounded")
    func describesRounding() throws {
        let folder = try ImportFolder()
        let cases: [(SourceType, NumberFormat?, ClosedRange<Double>?)] = [
            (.f32, nil, nil), (.q8_0, nil, nil), (.q5_0, nil, nil), (.q4_1, .f32, nil),
            (.q6_K, nil, 0.001...0.02), (.q5_K, nil, 0.001...0.02), (.q5_1, nil, 0.001...0.02),
            (.q4_K, nil, 1e-5...1e-3), (.q4_K, .f32, nil), (.f32, .q8, 0.001...0.02),
            (.f32, .q4, 0.01...0.2), (.f16, .bf16, 1e-4...0.01),
        ]
        for (index, (type, format, range)) in cases.enumerated() {
            let file = try folder.write(TinyModel.builder(type).bytes())
            let options = ImportOptions(name: "v\(index)", format: format)
            let rounding = try folder.run(file, options).manifest.rounding
            #expect(rounding.map(\.sourceType) == (range == nil ? [] : [type.name]))
            guard let range, let record = rounding.first else { continue }
            #expect(range.contains(record.relativeError), "\(type) \(record.relativeError)")
            #expect(record.format == (format ?? .packed(for: type)).rawValue)
        }
    }

    private func pack(_ tensor: GGUFBuilder.Tensor, _ format: NumberFormat) throws -> [UInt8] {
        let type = try #require(SourceType(rawValue: tensor.type))
        let data = Data(tensor.data)
        if tensor.dimensions.count == 1 {
            return try packVector(data.bytes, type: type, count: Int(tensor.dimensions[0]))
        }
        return try packMatrix(
            data.bytes,
            type: type,
            rows: Int(tensor.dimensions[1]),
            columns: Int(tensor.dimensions[0]),
            to: format
        )
    }
}
