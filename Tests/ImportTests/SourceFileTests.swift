import Foundation
import Store
import Testing

@testable import Import

@Suite("Opening and reading a source file")
struct SourceFileTests {
    @Test("A link, a folder, a pipe and a device are refused at once")
    func refusesOtherFiles() throws {
        let folder = try ImportFolder()
        let target = try folder.write(TinyModel.builder().bytes())
        let link = folder.path + "/link.gguf"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let pipe = folder.path + "/pipe.gguf"
        let process = try Process.run(
            URL(fileURLWithPath: "/usr/bin/mkfifo"),
            arguments: [pipe]
        )
        process.waitUntilExit()
        let cases = [
            (link, "a symbolic link"), (folder.path, "a folder"), (pipe, "a pipe"),
            ("/dev/zero", "a device"),
        ]
        for (path, found) in cases {
            let error = #expect(throws: ImportError.self) { try folder.run(path) }
            #expect(error?.code == .notRegularFile)
            #expect(error?.found == found)
        }
    }

    @Test("A path with nothing there is refused as not found", arguments: ["/missing", "", "\0"])
    func refusesMissing(name: String) throws {
        let folder = try ImportFolder()
        let path = name.hasPrefix("/") ? folder.path + name : name
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.code == .notFound)
    }

    @Test("An empty file and a file without a length are refused as damaged")
    func refusesEmpty() throws {
        let folder = try ImportFolder()
        for path in [try folder.write([]), "/proc/self/status"] {
            let error = #expect(throws: ImportError.self) { try folder.run(path) }
            #expect(error?.code == .badFormat)
        }
    }

    @Test("A sparse file over the limit is refused by its length")
    func refusesHuge() throws {
        let folder = try ImportFolder()
        let path = try folder.write([])
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: ImportLimits.fileBytes + 1)
        try handle.close()
        let error = #expect(throws: ImportError.self) { try folder.run(path) }
        #expect(error?.code == .limit)
    }

    @Test("The digest covers every byte, whether read, skipped or left")
    func digestsAll() throws {
        let folder = try ImportFolder()
        // More than two of the pieces that are read at a time.
        let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 * 3) }
        let path = try folder.write(bytes)
        var source = try SourceFile(opening: path)
        #expect(try source.readInteger(UInt32.self, of: "a number") == 0x0906_0300)
        try source.skip(to: 1_048_570)
        #expect(try Array(source.readBytes(20, of: "bytes")) == Array(bytes[1_048_570..<1_048_590]))
        let read = try source.finish()
        var whole = try SourceFile(opening: path)
        try whole.skip(to: whole.byteCount)
        #expect(try whole.finish() == read)
        let sum = try #require(try digest(of: path))
        #expect(hexadecimal(read) == sum)
    }

    @Test("A length over the end of the file is refused before anything is read")
    func refusesLongRead() throws {
        let folder = try ImportFolder()
        var source = try SourceFile(opening: folder.write([1, 2, 3]))
        let code: ImportError.Code?
        do throws(ImportError) {
            _ = try source.readBytes(.max, of: "bytes")
            code = nil
        } catch {
            code = error.code
        }
        #expect(code == .badFormat)
        #expect(source.position == 0)
    }

    /// What sha256sum, a program of others, says.
    private func digest(of path: String) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: " ").first.map(String.init)
    }
}
