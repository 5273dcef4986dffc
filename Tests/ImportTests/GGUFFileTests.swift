import Kernels
import Testing

@testable import Import

@Suite("Reading a GGUF file")
struct GGUFFileTests {
    @Test("Every tensor type is read with its shape and place", arguments: SourceType.allCases)
    func readsTypes(type: SourceType) throws {
        let folder = try ImportFolder()
        let bytes = TinyModel.builder(type).bytes()
        let file = try folder.header(of: folder.write(bytes))
        let matrix = try #require(file.tensors.first { $0.name == "blk.0.ffn_up.weight" })
        #expect(matrix.type == type)
        #expect(matrix.dimensions == (type.blockCount == 256 ? [256, 256] : [32, 64]))
        let expected = TinyModel.builder(type).tensors.first {
            $0.name == Array("blk.0.ffn_up.weight".utf8)
        }
        let place = Int(matrix.offset)..<Int(matrix.offset + matrix.byteCount)
        #expect(Array(bytes[place]) == expected?.data)
    }

    @Test("Versions 2 and 3 are read alike", arguments: [UInt32(2), 3])
    func readsVersions(version: UInt32) throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        builder.version = version
        #expect(try folder.header(of: folder.write(builder.bytes())).tensors.count == 11)
    }

    @Test("Every type of value and of array is read")
    func readsValues() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        let values: [(UInt32, [UInt8], GGUFValue, GGUFArray)] = [
            (0, [200], .unsigned(200), .unsigned([200, 200])),
            (1, [0xff], .signed(-1), .signed([-1, -1])),
            (2, [1, 2], .unsigned(513), .unsigned([513, 513])),
            (3, [0xfe, 0xff], .signed(-2), .signed([-2, -2])),
            (4, [1, 0, 0, 0x80], .unsigned(0x8000_0001), .unsigned([0x8000_0001, 0x8000_0001])),
            (5, [0, 0, 0, 0x80], .signed(-0x8000_0000), .signed([-0x8000_0000, -0x8000_0000])),
            (6, littleEndian(Float(0.5).bitPattern), .float(0.5), .float([0.5, 0.5])),
            (7, [1], .bool(true), .bool([true, true])),
            (8, lengthAnd(Array("é".utf8)), .text("é"), .text(["é", "é"])),
            (10, littleEndian(UInt64.max), .unsigned(.max), .unsigned([.max, .max])),
            (11, littleEndian(Int64.min), .signed(.min), .signed([.min, .min])),
            (12, littleEndian(Double(0.1).bitPattern), .float(0.1), .float([0.1, 0.1])),
        ]
        for (type, bytes, _, _) in values {
            builder.set("value.\(type)", littleEndian(type) + bytes)
            builder.set("array.\(type)", MetadataBytes.array(of: type, count: 2, bytes + bytes))
        }
        let metadata = try folder.header(of: folder.write(builder.bytes())).metadata
        for (type, _, value, array) in values {
            #expect(metadata["value.\(type)"] == value)
            #expect(metadata["array.\(type)"] == .array(array))
        }
    }

    @Test("An alignment other than 32 moves the tensors")
    func readsAlignment() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        builder.alignment = 4_096
        builder.set("general.alignment", MetadataBytes.uint32(4_096))
        let file = try folder.header(of: folder.write(builder.bytes()))
        #expect(file.tensors.allSatisfy { $0.offset % 4_096 == 0 })
    }

    @Test("The padding behind the last tensor may be missing")
    func readsWithoutPadding() throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder()
        builder.alignment = 1_024
        builder.set("general.alignment", MetadataBytes.uint32(1_024))
        let bytes = builder.bytes()
        let file = try folder.header(of: folder.write(bytes))
        let end = try #require(file.tensors.map { $0.offset + $0.byteCount }.max())
        #expect(Int(end) <= bytes.count)
        let shortened = try folder.write(Array(bytes[..<Int(end)]), as: "short.gguf")
        #expect(try folder.header(of: shortened).tensors == file.tensors)
    }

    @Test("A file cut off at any byte is refused as damaged")
    func refusesTruncation() throws {
        let folder = try ImportFolder()
        let bytes = TinyModel.builder(.q4_1).bytes()
        // Text and tables byte by byte; the tensor data, where nothing is read here, in larger steps.
        let counts =
            Array(0..<min(3_000, bytes.count)) + Array(stride(from: 3_000, to: bytes.count, by: 61))
        for count in counts {
            let file = try folder.write(Array(bytes[..<count]))
            let error = #expect(throws: ImportError.self, "\(count) bytes") {
                try folder.header(of: file)
            }
            #expect(error?.code == .badFormat, "\(count) bytes: \(String(describing: error))")
        }
    }

    @Test("Text named .gguf is refused as no GGUF file")
    func refusesText() throws {
        let folder = try ImportFolder()
        let file = try folder.write(Array("This is a text, not a model. It is long enough.".utf8))
        let error = #expect(throws: ImportError.self) { try folder.header(of: file) }
        #expect(error?.code == .badFormat)
        #expect(error?.expected == "the letters GGUF")
        #expect(error?.subject == "tiny.gguf: the header")
    }

    @Test("Error texts show hostile letters escaped and cut short")
    func quotesText() {
        #expect(quoted("a\u{1b}[2J\"\u{202e}") == "\"a\\u{1b}[2J\\\"\\u{202e}\"")
        #expect(quoted(String(repeating: "x", count: 100)).count == 85)
    }
}
