import Kernels
import Testing

@testable import Import

/// One wrong field in an otherwise sound file, and how the reader has to refuse it.
struct Corruption: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: ImportError.Code
    /// A part of the error's text.
    let text: String
    let change: @Sendable (inout GGUFBuilder) -> Void

    init(
        _ description: String,
        _ code: ImportError.Code,
        _ text: String,
        _ change: @escaping @Sendable (inout GGUFBuilder) -> Void
    ) {
        testDescription = description
        self.code = code
        self.text = text
        self.change = change
    }
}

@Suite("Refusing GGUF files with one wrong field")
struct CorruptionTests {
    @Test(
        "A wrong field is refused with its own reason",
        arguments: header + values + table + places
    )
    func refuses(corruption: Corruption) throws {
        let folder = try ImportFolder()
        var builder = TinyModel.builder(.q4_0)
        #expect(throws: Never.self) { try folder.header(of: folder.write(builder.bytes())) }
        corruption.change(&builder)
        let file = try folder.write(builder.bytes())
        let error = #expect(throws: ImportError.self) { try folder.header(of: file) }
        #expect(error?.code == corruption.code, "\(String(describing: error))")
        #expect(
            error?.description.contains(corruption.text) == true,
            "\(String(describing: error))"
        )
    }

    static let header: [Corruption] = [
        Corruption("magic", .badFormat, "the letters GGUF") { $0.magic[3] = 0x47 },
        Corruption("version 1", .unsupported, "version 1") { $0.version = 1 },
        Corruption("version 4", .unsupported, "version 4") { $0.version = 4 },
        Corruption("big endian", .unsupported, "a big-endian file") { $0.version = 3 << 24 },
        Corruption("more tensors than any model", .limit, "number of tensors") {
            $0.statedTensorCount = 1 << 62
        },
        Corruption("more tensors than bytes", .badFormat, "number of tensors") {
            $0.statedTensorCount = 60_000
        },
        Corruption("one tensor too many", .badFormat, "tensor") { $0.statedTensorCount = 12 },
        Corruption("one tensor too few", .badFormat, "nothing behind the last") {
            $0.statedTensorCount = 10
        },
        Corruption("no tensor", .badFormat, "at least one") { $0.statedTensorCount = 0 },
        Corruption("more keys than any model", .limit, "number of metadata keys") {
            $0.statedMetadataCount = .max
        },
        Corruption("more keys than bytes", .badFormat, "number of metadata keys") {
            $0.statedMetadataCount = 65_000
        },
        Corruption("one key too many", .limit, "the name of tensor 0") {
            $0.statedMetadataCount = UInt64($0.metadata.count) + 1
        },
        Corruption("trailing bytes", .badFormat, "nothing behind the last tensor") {
            $0.trailing = [0]
        },
    ]

    static let values: [Corruption] = [
        Corruption("key longer than the limit", .limit, "at most 65535 bytes") {
            $0.metadata[0].key = [UInt8](repeating: 0x61, count: 65_536)
        },
        Corruption("empty key", .badFormat, "a key") { $0.metadata[0].key = [] },
        Corruption("key that is not UTF-8", .badFormat, "UTF-8") {
            $0.metadata[0].key = [0x61, 0xff]
        },
        Corruption("key twice", .badFormat, "the key once") { $0.metadata.append($0.metadata[0]) },
        Corruption("unknown value type", .badFormat, "a value type from 0 to 12") {
            $0.set("x", littleEndian(UInt32(13)) + [0])
        },
        Corruption("string as long as 2^63", .limit, "at most 1048576 bytes") {
            $0.set("x", littleEndian(UInt32(8)) + littleEndian(UInt64(1) << 63))
        },
        Corruption("string longer than the file", .badFormat, "to the end of the file") {
            $0.set("x", littleEndian(UInt32(8)) + littleEndian(UInt64(1_000_000)))
        },
        Corruption("string that is not UTF-8", .badFormat, "UTF-8 text") {
            $0.set("x", MetadataBytes.text([0xc0, 0x80]))
        },
        Corruption("array as long as 2^64 - 1", .limit, "at most 2097152 elements") {
            $0.set("x", MetadataBytes.array(of: 0, count: .max, []))
        },
        Corruption("array longer than the file", .badFormat, "2000000 elements") {
            $0.set("x", MetadataBytes.array(of: 0, count: 2_000_000, []))
        },
        Corruption("array of arrays", .unsupported, "an array of arrays") {
            $0.set("x", MetadataBytes.array(of: 9, count: 1, MetadataBytes.texts([])))
        },
        Corruption("array of an unknown type", .badFormat, "a value type") {
            $0.set("x", MetadataBytes.array(of: 77, count: 1, [0]))
        },
        Corruption("truth value of 2", .badFormat, "0 or 1") { $0.set("x", MetadataBytes.bool(2)) },
        Corruption("alignment of 0", .badFormat, "a power of two") {
            $0.set("general.alignment", MetadataBytes.uint32(0))
        },
        Corruption("alignment of 48", .badFormat, "a power of two") {
            $0.set("general.alignment", MetadataBytes.uint32(48))
        },
        Corruption("alignment of 2^21", .badFormat, "a power of two") {
            $0.set("general.alignment", MetadataBytes.uint32(1 << 21))
        },
        Corruption("alignment of 2^63", .badFormat, "a power of two") {
            $0.set("general.alignment", MetadataBytes.uint64(1 << 63))
        },
        Corruption("alignment that is text", .badFormat, "a power of two") {
            $0.set("general.alignment", MetadataBytes.text("32"))
        },
    ]

    static let table: [Corruption] = [
        Corruption("tensor name of 65 bytes", .limit, "at most 64 bytes") {
            $0.tensors[0].name = [UInt8](repeating: 0x61, count: 65)
        },
        Corruption("empty tensor name", .badFormat, "a name") { $0.tensors[0].name = [] },
        Corruption("tensor name that is not UTF-8", .badFormat, "UTF-8") {
            $0.tensors[0].name = [0xff]
        },
        Corruption("tensor name twice", .badFormat, "the name once") {
            $0.tensors[0].name = $0.tensors[1].name
        },
        Corruption("no dimension", .badFormat, "1 to 4 dimensions") {
            $0.tensors[0].dimensions = []
        },
        Corruption("five dimensions", .badFormat, "1 to 4 dimensions") {
            $0.tensors[0].dimensions = [32, 1, 1, 1, 1]
        },
        Corruption("dimension of 0", .badFormat, "at least 1") { $0.tensors[0].dimensions[1] = 0 },
        Corruption("first dimension of 0", .badFormat, "at least 1") {
            $0.tensors[0].dimensions[0] = 0
        },
        Corruption("rows of half a block", .badFormat, "whole blocks of 32") {
            $0.tensors[0].dimensions[0] = 16
        },
        Corruption("product of dimensions over 2^64", .limit, "dimensions") {
            $0.tensors[0].dimensions = [1 << 32, 1 << 32]
        },
        Corruption("product that wraps to a small number", .limit, "dimensions") {
            $0.tensors[0].dimensions = [1 << 62, 4, 3, 1]
        },
        Corruption("product times block bytes over 2^64", .limit, "dimensions") {
            $0.tensors[0].dimensions = [1 << 60, 15]
        },
        Corruption("tensor of 2^40 bytes", .limit, "dimensions") {
            $0.tensors[0].dimensions = [1 << 20, 1 << 21]
        },
        Corruption("rows of an eighth of a K block", .badFormat, "whole blocks of 256") {
            $0.tensors[0].type = SourceType.q4_K.rawValue
        },
        Corruption("type of a row that nobody reads", .unsupported, "type Q2_K") {
            $0.tensors[0].type = 10
        },
        Corruption("unknown type", .unsupported, "type number 4294967295") {
            $0.tensors[0].type = .max
        },
    ]

    static let places: [Corruption] = [
        Corruption("offset off the alignment", .badFormat, "a multiple of 32") {
            $0.tensors[1].statedOffset = 8
        },
        Corruption("offset of 2^64 - 32", .badFormat, "offset") {
            $0.tensors[1].statedOffset = .max - 31
        },
        Corruption("offset behind the file", .badFormat, "offset") {
            $0.tensors[10].statedOffset = 1 << 40
        },
        Corruption("two tensors at one place", .badFormat, "inside it") {
            $0.tensors[1].statedOffset = 0
        },
        Corruption("hole between tensors", .badFormat, "a hole") {
            $0.tensors[10].statedOffset = 65_536
        },
        Corruption("tensor reaching past the file", .badFormat, "inside the file") {
            $0.tensors[10].dimensions[1] += 640
        },
        Corruption("Q4_0 that says it is Q6_K", .badFormat, "inside the file") {
            $0.tensors[10] = $0.tensors[10].claiming(.q6_K)
        },
        Corruption("Q4_0 that says it is Q5_K", .badFormat, "inside the file") {
            $0.tensors[10] = $0.tensors[10].claiming(.q5_K)
        },
    ]
}

extension GGUFBuilder.Tensor {
    /// The same bytes as one row of a type that takes more of them.
    fileprivate func claiming(_ type: SourceType) -> GGUFBuilder.Tensor {
        var tensor = self
        let blocks = data.count / type.blockBytes + 1
        tensor.dimensions = [UInt64(blocks * type.blockCount)]
        tensor.type = type.rawValue
        return tensor
    }
}
