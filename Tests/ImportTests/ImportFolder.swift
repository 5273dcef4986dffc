import Foundation
import Store
import Testing

@testable import Import

/// A folder of one test, with a store in it; gone when the test ends.
final class ImportFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/import-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit {
        // A folder that stays behind in the system's place for such folders harms nobody.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], as name: String = "tiny.gguf") throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func store() throws -> StoreDirectory { try StoreDirectory(creatingAt: path + "/store") }

    /// What lies in the store's folder of packs: sealed packs and what was left behind.
    func packs() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/store/packs")
            .filter { $0.hasSuffix(".mdb") || $0.contains("tmp") }
    }

    /// SHA-256, by the reader of which `SourceFileTests` compares the digest with sha256sum.
    func digest(of bytes: [UInt8]) throws -> Data {
        try SourceFile(opening: write(bytes, as: UUID().uuidString)).finish()
    }

    /// Reads a file up to its tensors.
    func header(of file: String) throws(ImportError) -> GGUFFile {
        var source = try SourceFile(opening: file)
        return try GGUFFile(reading: &source)
    }

    /// Reads a file up to its tensors and checks the model.
    func model(of file: String) throws(ImportError) -> GGUFModel {
        try GGUFModel(header(of: file))
    }

    /// Imports without watching.
    func run(
        _ file: String,
        _ options: ImportOptions = ImportOptions()
    ) throws -> StoredVersion {
        try importModel(at: file, into: store(), options: options) { _ in }
    }
}
