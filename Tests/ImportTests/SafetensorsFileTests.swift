import Foundation
import Kernels
import Testing

@testable import Import

/// One wrong field in an otherwise sound file, and how the reader has to refuse it.
struct SafetensorsFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: ImportError.Code
    /// A part of the error's text.
    let text: String
    let change: @Sendable (inout SafetensorsBuilder) -> Void

    init(
        _ description: String,
        _ code: ImportError.Code,
        _ text: String,
        _ change: @escaping @Sendable (inout SafetensorsBuilder) -> Void
    ) {
        testDescription = description
        self.code = code
        self.text = text
        self.change = change
    }
}

@Suite("Reading safetensors files")
struct SafetensorsFileTests {
    /// Two tensors: "a" of 2 x 3 and "b" of 4 floats.
    static var sound: SafetensorsBuilder {
        var builder = SafetensorsBuilder()
        builder.add("a", [2, 3], [1, 2, 3, 4, 5, 6])
        builder.add("b", [4], [7, 8, 9, 10])
        return builder
    }

    static func read(
        _ bytes: [UInt8],
        in folder: ImportFolder
    ) throws -> SafetensorsFile {
        var source = try SourceFile(opening: folder.write(bytes, as: "t.safetensors"))
        return try SafetensorsFile(reading: &source)
    }

    @Test("A sound file is read, in the order of its data")
    func reads() throws {
        let folder = try ImportFolder()
        var builder = Self.sound
        let file = try Self.read(builder.bytes(), in: folder)
        #expect(file.tensors.map(\.name) == ["a", "b"])
        #expect(file.tensors.map(\.shape) == [[2, 3], [4]])
        #expect(file.tensors.map(\.byteCount) == [24, 16])
        let start = try #require(file.tensors.first?.offset)
        #expect(
            builder.bytes()[Int(start)..<Int(start) + 4] == littleEndian(Float(1).bitPattern)[...]
        )
        // The order of the header is another matter.
        builder.header = #"""
            { "b" : {"shape":[4],"data_offsets":[24,40],"dtype":"F32"},
            "a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]} }
            """#
        #expect(try Self.read(builder.bytes(), in: folder).tensors.map(\.name) == ["a", "b"])
    }

    @Test("A wrong field is refused with its own reason", arguments: headers + entries + places)
    func refuses(fault: SafetensorsFault) throws {
        let folder = try ImportFolder()
        var builder = Self.sound
        fault.change(&builder)
        let bytes = builder.bytes()
        let error = #expect(throws: ImportError.self) { try Self.read(bytes, in: folder) }
        #expect(error?.code == fault.code, "\(String(describing: error))")
        #expect(
            error?.description.contains(fault.text) == true,
            "\(String(describing: error))"
        )
    }

    static let headers: [SafetensorsFault] = [
        SafetensorsFault("header of 2^63 bytes", .limit, "at most 67108864") {
            $0.statedHeaderBytes = 1 << 63
        },
        SafetensorsFault("header longer than the file", .badFormat, "by the length of the file") {
            $0.statedHeaderBytes = 10_000
        },
        SafetensorsFault("header of no bytes", .badFormat, "2 to") { $0.statedHeaderBytes = 0 },
        SafetensorsFault("header cut short", .badFormat, "JSON") { $0.statedHeaderBytes = 40 },
        SafetensorsFault("space first", .badFormat, "an object of JSON") { $0.header = " {}" },
        SafetensorsFault("no tensor", .badFormat, "1 to") {
            $0.tensors = []
        },
        SafetensorsFault("a name twice", .badFormat, "every key once") {
            $0.tensors.append($0.tensors[0])
        },
        SafetensorsFault("trailing bytes", .badFormat, "nothing behind the last") {
            $0.trailing = [0]
        },
        SafetensorsFault("something behind the object", .badFormat, "the end of the text") {
            $0.header = "{} {}"
        },
        SafetensorsFault("a tensor that is null", .badFormat, "an object of JSON") {
            $0.extra = #""c":null"#
        },
    ]

    static let entries: [SafetensorsFault] = [
        SafetensorsFault("a field too many", .badFormat, "dtype, shape and data_offsets") {
            $0.extra = #""c":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}"#
        },
        SafetensorsFault("unknown type", .unsupported, "F32, F16 or BF16") {
            $0.tensors[0].dtype = "I64"
        },
        SafetensorsFault("a dimension of 0", .badFormat, "dimensions of at least 1") {
            $0.tensors[0].shape = [0, 3]
        },
        SafetensorsFault("no dimension", .badFormat, "1 to 4 dimensions") {
            $0.tensors[0].shape = []
        },
        SafetensorsFault("a product over 2^64", .limit, "at most") {
            $0.tensors[0].shape = [1 << 62, 1 << 62]
        },
        SafetensorsFault("a product that wraps to the right number", .limit, "at most") {
            $0.tensors[0].shape = [(1 << 62) + 6, 1]
        },
        SafetensorsFault("a negative dimension", .badFormat, "integers from 0") {
            $0.header = #"{"a":{"dtype":"F32","shape":[-2,3],"data_offsets":[0,24]}}"#
        },
        SafetensorsFault("a dimension over 2^64", .badFormat, "integers from 0") {
            $0.header =
                #"{"a":{"dtype":"F32","shape":[18446744073709551618],"data_offsets":[0,8]}}"#
        },
        SafetensorsFault("a dimension with a point", .badFormat, "integers from 0") {
            $0.header = #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#
        },
        SafetensorsFault("a shape with another length", .badFormat, "20 bytes for [5] F32") {
            $0.tensors[1].shape = [5]
        },
        SafetensorsFault("a name over the limit", .limit, "a name of") {
            $0.tensors[1].name = String(repeating: "n", count: 513)
        },
    ]

    static let places: [SafetensorsFault] = [
        SafetensorsFault("end before the beginning", .badFormat, "a beginning and an end") {
            $0.tensors[0].statedOffsets = [24, 0]
        },
        SafetensorsFault("beyond the file", .badFormat, "up to 40") {
            $0.tensors[1].statedOffsets = [32, 48]
        },
        SafetensorsFault("beyond every file", .badFormat, "up to 40") {
            $0.tensors[1].statedOffsets = [.max - 16, .max]
        },
        SafetensorsFault("one offset", .badFormat, "a beginning and an end") {
            $0.tensors[0].statedOffsets = [0]
        },
        SafetensorsFault("overlap", .badFormat, "right behind the tensor before it") {
            $0.tensors[1].statedOffsets = [16, 32]
        },
        SafetensorsFault("the same place twice", .badFormat, "right behind") {
            $0.tensors[1].shape = [2, 3]
            $0.tensors[1].statedOffsets = [0, 24]
        },
        SafetensorsFault("a hole", .badFormat, "at offset 0") {
            $0.tensors[0].shape = [2, 2]
            $0.tensors[0].statedOffsets = [8, 24]
        },
    ]

    @Test("No mutation of a file traps", arguments: [1, 2, 3])
    func survivesMutations(seed: UInt64) throws {
        let folder = try ImportFolder()
        let sound = try TinyCheckpoint().weights.bytes()
        let headerBytes = sound[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var random = SeededNumbers(seed: 20_260_300 + seed)
        var refusedCount = 0
        for _ in 0..<2_000 {
            var bytes = sound
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(8 + headerBytes))
                bytes[place] = Self.mutated(bytes[place], &random)
            }
            if random.next() % 16 == 0 {
                bytes = Array(bytes[..<Int(random.next() % UInt64(bytes.count))])
            }
            do {
                let file = try Self.read(bytes, in: folder)
                #expect(file.tensors.allSatisfy { $0.offset + $0.byteCount <= bytes.count })
            } catch let error as ImportError {
                refusedCount += 1
                #expect(error.code != .changed)
            }
        }
        #expect(refusedCount > 1_000)
    }

    /// Another bit, another digit, or a letter that JSON has a use for.
    private static func mutated(_ byte: UInt8, _ random: inout SeededNumbers) -> UInt8 {
        let letters = Array(#"0123456789-.eE{}[]:,"\ nft"#.utf8)
        return switch random.next() % 3 {
        case 0: byte ^ 1 << UInt8(random.next() % 8)
        case 1: UInt8(ascii: "0") + UInt8(random.next() % 10)
        default: letters[Int(random.next() % UInt64(letters.count))]
        }
    }
}
