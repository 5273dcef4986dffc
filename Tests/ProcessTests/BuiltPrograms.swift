import Foundation

/// Where the programs under test and their fixtures are.
enum BuiltPrograms {
    /// The folder that holds grmd and grmctl: GRMD_BIN, else where this bundle was built.
    static func path(_ name: String) throws -> String {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        var folders = bundles.map { ($0 as NSString).deletingLastPathComponent }
        folders.append(Bundle.main.bundlePath)
        if let chosen = ProcessInfo.processInfo.environment["GRMD_BIN"] { folders = [chosen] }
        let paths = folders.map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
            throw Missing(name: name, places: paths)
        }
        return path
    }

    /// A model file small enough for every test.
    static var tinyModel: String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        return tests.path + "/GoldenTests/Fixtures/tiny-f32.gguf"
    }

    /// A program that the tests need and that nobody has built.
    struct Missing: Error, CustomStringConvertible {
        let name: String
        let places: [String]

        var description: String {
            "expected \(name) in one of \(places); build it, or set GRMD_BIN to its folder"
        }
    }
}
