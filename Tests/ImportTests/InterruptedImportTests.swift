import Foundation
import Kernels
import Store
import Testing

@testable import Import

@Suite("Imports that do not reach their end")
struct InterruptedImportTests {
    /// What somebody does to the source file while it is imported.
    enum Meddling: String, CaseIterable, Sendable {
        case appends, overwrites, truncates, touches
    }

    @Test(
        "A file that changes meanwhile is refused and leaves nothing",
        arguments: Meddling.allCases
    )
    func refusesChange(meddling: Meddling) throws {
        let folder = try ImportFolder()
        let bytes = TinyModel.builder().bytes()
        let file = try folder.write(bytes)
        var hasMeddled = false
        let meddleOnce = { (step: ImportProgress) in
            guard step.phase == .packing, !hasMeddled else { return }
            hasMeddled = true
            // Two writes within one tick of the file system's clock leave the same time.
            Thread.sleep(forTimeInterval: 0.05)
            #expect(throws: Never.self) { try meddle(meddling, with: file, length: bytes.count) }
        }
        let error = #expect(throws: ImportError.self) {
            try importModel(
                at: file,
                into: folder.store(),
                options: ImportOptions(),
                progress: meddleOnce
            )
        }
        #expect(hasMeddled)
        #expect(error?.code == .changed, "\(String(describing: error))")
        try expectNothing(in: folder)
    }

    @Test("A file with another digest than expected is refused and leaves nothing")
    func refusesDigest() throws {
        let folder = try ImportFolder()
        let bytes = TinyModel.builder().bytes()
        let file = try folder.write(bytes)
        let wrong = String(repeating: "0", count: 64)
        let error = #expect(throws: ImportError.self) {
            try folder.run(file, ImportOptions(expectedSHA256: wrong))
        }
        #expect(error?.code == .digestMismatch)
        try expectNothing(in: folder)
        let right = try hexadecimal(folder.digest(of: bytes))
        #expect(error?.found == right)
        _ = try folder.run(file, ImportOptions(expectedSHA256: right.uppercased()))
        #expect(try folder.packs().count == 1)
    }

    @Test("Nothing is visible before the end, and a second importer is told that it is busy")
    func hidesUnfinished() throws {
        let folder = try ImportFolder()
        let file = try folder.write(TinyModel.builder().bytes())
        var secondError: ImportError?
        var packs: Result<[String], any Error>?
        _ = try importModel(at: file, into: folder.store(), options: ImportOptions()) { step in
            guard step.phase == .packing, secondError == nil else { return }
            packs = Result { try folder.packs() }
            secondError = #expect(throws: ImportError.self) {
                try folder.run(file, ImportOptions(name: "second"))
            }
        }
        #expect(try packs?.get().contains { $0.hasSuffix(".mdb") } == false)
        guard case .store(let cause)? = secondError?.code else {
            Issue.record("expected busy, found \(String(describing: secondError))")
            return
        }
        #expect(cause.code == .busy)
    }

    @Test("Options that no file satisfies are refused before the file is opened")
    func refusesOptions() throws {
        let folder = try ImportFolder()
        let options = [
            ImportOptions(name: ""), ImportOptions(name: "../up"), ImportOptions(name: "a b"),
            ImportOptions(name: String(repeating: "a", count: 129)),
            ImportOptions(expectedSHA256: "12"),
            ImportOptions(expectedSHA256: String(repeating: "g", count: 64)),
        ]
        for option in options {
            let error = #expect(throws: ImportError.self) { try folder.run("/missing", option) }
            #expect(error?.code == .invalidOption)
        }
    }

    @Test("A model with rows that no block divides is refused in every format")
    func refusesWidth() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        // One head of 16 leaves the output projection with rows of 16.
        builder.set("llama.attention.head_count", MetadataBytes.uint32(1))
        builder.set("llama.attention.key_length", MetadataBytes.uint32(16))
        for name in ["blk.0.attn_q.weight", "blk.0.attn_output.weight"] {
            builder.change(name) {
                $0.dimensions = name.contains("_q") ? [32, 16] : [16, 32]
                $0.data = Array($0.data[..<2_048])
            }
        }
        let file = try folder.write(builder.bytes())
        for format in [NumberFormat.f32, .q4] {
            let error = #expect(throws: ImportError.self) {
                try folder.run(file, ImportOptions(format: format))
            }
            #expect(error?.code == .unsupported)
            #expect(error?.subject.contains("heads x head width") == true)
            try expectNothing(in: folder)
        }
    }

    private func meddle(_ meddling: Meddling, with file: String, length: Int) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        switch meddling {
        case .appends:
            try handle.seekToEnd()
            try handle.write(contentsOf: Data([0]))
        case .overwrites:
            try handle.seek(toOffset: UInt64(length - 1))
            try handle.write(contentsOf: Data([0xff]))
        case .truncates: try handle.truncate(atOffset: UInt64(length / 2))
        case .touches:
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)],
                ofItemAtPath: file
            )
        }
        try handle.close()
    }

    private func expectNothing(in folder: ImportFolder) throws {
        #expect(try folder.packs().isEmpty)
        #expect(try Catalogue(folder.store(), access: .writing).versions().isEmpty)
    }
}
