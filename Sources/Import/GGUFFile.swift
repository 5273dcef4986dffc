import Kernels

/// What stands in front of the tensor data of a GGUF file, with every number checked.
///
/// Every tensor lies inside the file, on the alignment, right behind the one before it.
/// Source: the GGUF description in the ggml repository, versions 2 and 3, little endian.
struct GGUFFile: Sendable {
    /// The name of the file, for error texts.
    let fileName: String
    /// The values by key.
    let metadata: [String: GGUFValue]
    /// The tensors in the order of their data.
    let tensors: [GGUFTensor]

    /// Reads the header, the metadata and the tensor table, and leaves the source behind them.
    ///
    /// Throws: `badFormat`, `unsupported`, `limit`, `changed`, `unreadable`.
    init(reading source: inout SourceFile) throws(ImportError) {
        fileName = source.name
        let counts = try GGUFCounts(reading: &source)
        metadata = try readMetadata(counts.metadata, from: &source)
        let alignment = try alignmentBytes(metadata, in: source)
        let entries = try readTable(counts.tensors, from: &source)
        tensors = try place(entries, alignment: alignment, in: source)
    }

    /// An error that names this file.
    func error(
        _ code: ImportError.Code,
        _ subject: String,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(code, subject: "\(fileName): \(subject)", expected: expected, found: found)
    }
}

/// One tensor of a GGUF file: what it is, and where in the file its bytes lie.
struct GGUFTensor: Hashable, Sendable {
    /// The name, such as "blk.0.attn_q.weight".
    let name: String
    /// The number of elements along each dimension, the contiguous one first.
    let dimensions: [Int]
    /// How the elements are stored.
    let type: SourceType
    /// Where the data begins, from the first byte of the file.
    ///
    /// Unit: bytes.
    let offset: UInt64
    /// The length of the data.
    ///
    /// Unit: bytes.
    let byteCount: UInt64
}

private struct GGUFCounts {
    let tensors: UInt64
    let metadata: UInt64

    init(reading source: inout SourceFile) throws(ImportError) {
        let subject = "the header"
        guard source.byteCount >= 24 else {
            throw source.error(
                .badFormat,
                subject,
                expected: "at least 24 bytes",
                found: "\(source.byteCount) bytes"
            )
        }
        let magic = try source.readInteger(UInt32.self, of: subject)
        guard magic == 0x4655_4747 else {
            throw source.error(
                .badFormat,
                subject,
                expected: "the letters GGUF",
                found: "0x\(String(magic, radix: 16))"
            )
        }
        let version = try source.readInteger(UInt32.self, of: subject)
        guard version == 2 || version == 3 else {
            let isSwapped = version.byteSwapped == 2 || version.byteSwapped == 3
            throw source.error(
                .unsupported,
                subject,
                expected: "GGUF version 2 or 3, little endian",
                found: isSwapped ? "a big-endian file" : "version \(version)"
            )
        }
        tensors = try source.readInteger(UInt64.self, of: subject)
        metadata = try source.readInteger(UInt64.self, of: subject)
        // The shortest entries: a one-letter key with one byte, a one-letter name with one dimension.
        try source.checkCount(
            metadata,
            of: "the number of metadata keys",
            limit: ImportLimits.metadataCount,
            leastBytes: 14
        )
        try source.checkCount(
            tensors,
            of: "the number of tensors",
            limit: ImportLimits.tensorCount,
            leastBytes: 33
        )
    }
}

extension SourceFile {
    fileprivate func checkCount(
        _ count: UInt64,
        of subject: String,
        limit: UInt64,
        leastBytes: UInt64
    ) throws(ImportError) {
        guard count <= limit else {
            throw error(.limit, subject, expected: "at most \(limit)", found: "\(count)")
        }
        guard count <= remainingBytes / leastBytes else {
            throw error(
                .badFormat,
                subject,
                expected: "at most \(remainingBytes / leastBytes), by the length",
                found: "\(count)"
            )
        }
    }
}

private func readMetadata(
    _ count: UInt64,
    from source: inout SourceFile
) throws(ImportError) -> [String: GGUFValue] {
    var metadata: [String: GGUFValue] = [:]
    for index in 0..<count {
        let key = try source.readString(
            atMost: ImportLimits.keyBytes,
            of: "metadata key \(index)"
        )
        let subject = "metadata key \(quoted(key))"
        guard !key.isEmpty else {
            throw source.error(.badFormat, subject, expected: "a key", found: "no letters")
        }
        guard metadata[key] == nil else {
            throw source.error(.badFormat, subject, expected: "the key once", found: "it twice")
        }
        let type = try source.readValueType(of: subject)
        metadata[key] = try source.readValue(type, of: subject)
    }
    return metadata
}

private func alignmentBytes(
    _ metadata: [String: GGUFValue],
    in source: borrowing SourceFile
) throws(ImportError) -> UInt64 {
    let key = "general.alignment"
    guard let value = metadata[key] else { return 32 }
    guard case .unsigned(let alignment) = value, alignment.nonzeroBitCount == 1, alignment >= 8,
        alignment <= ImportLimits.alignmentBytes
    else {
        throw source.error(
            .badFormat,
            "metadata key \(quoted(key))",
            expected: "a power of two from 8 to \(ImportLimits.alignmentBytes)",
            found: value.description
        )
    }
    return alignment
}

private struct TableEntry {
    let name: String
    let dimensions: [Int]
    let type: SourceType
    let relativeOffset: UInt64
    let byteCount: UInt64
}

private func readTable(
    _ count: UInt64,
    from source: inout SourceFile
) throws(ImportError) -> [TableEntry] {
    guard count > 0 else {
        throw source.error(
            .badFormat,
            "the number of tensors",
            expected: "at least one",
            found: "0"
        )
    }
    var entries: [TableEntry] = []
    var names: Set<String> = []
    for index in 0..<count {
        let name = try source.readString(
            atMost: ImportLimits.tensorNameBytes,
            of: "the name of tensor \(index)"
        )
        let subject = "tensor \(quoted(name))"
        guard !name.isEmpty else {
            throw source.error(.badFormat, subject, expected: "a name", found: "no letters")
        }
        guard names.insert(name).inserted else {
            throw source.error(.badFormat, subject, expected: "the name once", found: "it twice")
        }
        entries.append(try readEntry(name, from: &source, subject: subject))
    }
    return entries
}

private func readEntry(
    _ name: String,
    from source: inout SourceFile,
    subject: String
) throws(ImportError) -> TableEntry {
    let dimensionCount = try source.readInteger(UInt32.self, of: subject)
    guard (1...ImportLimits.dimensionCount).contains(dimensionCount) else {
        throw source.error(
            .badFormat,
            subject,
            expected: "1 to \(ImportLimits.dimensionCount) dimensions",
            found: "\(dimensionCount)"
        )
    }
    var dimensions: [UInt64] = []
    for _ in 0..<dimensionCount {
        dimensions.append(try source.readInteger(UInt64.self, of: subject))
    }
    let number = try source.readInteger(UInt32.self, of: subject)
    guard let type = SourceType(rawValue: number) else {
        throw source.error(
            .unsupported,
            subject,
            expected: "one of the types \(SourceType.allCases.map(\.name).joined(separator: ", "))",
            found: ggmlTypeName(number)
        )
    }
    let byteCount = try source.byteCount(of: dimensions, type: type, subject: subject)
    return TableEntry(
        name: name,
        dimensions: dimensions.map { Int($0) },
        type: type,
        relativeOffset: try source.readInteger(UInt64.self, of: subject),
        byteCount: byteCount
    )
}

extension SourceFile {
    /// The bytes of a tensor, with every product checked.
    fileprivate func byteCount(
        of dimensions: [UInt64],
        type: SourceType,
        subject: String
    ) throws(ImportError) -> UInt64 {
        let blockCount = UInt64(type.blockCount)
        guard dimensions[0] % blockCount == 0 else {
            throw error(
                .badFormat,
                subject,
                expected: "rows of whole blocks of \(blockCount) elements",
                found: "rows of \(dimensions[0])"
            )
        }
        var product = UInt64(type.blockBytes)
        for (index, dimension) in dimensions.enumerated() {
            let factor = index == 0 ? dimension / blockCount : dimension
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard dimension > 0 else {
                throw error(
                    .badFormat,
                    subject,
                    expected: "dimensions of at least 1",
                    found: "\(dimensions)"
                )
            }
            guard !overflow, next <= ImportLimits.tensorBytes else {
                throw error(
                    .limit,
                    subject,
                    expected: "at most \(ImportLimits.tensorBytes) bytes",
                    found: "dimensions \(dimensions) of \(type.name)"
                )
            }
            product = next
        }
        return product
    }
}

/// Turns offsets from the data section into places in the file.
///
/// Files are written without holes, and what lies in a hole, under two tensors or behind the last one
/// belongs to nobody, so that such a file was damaged or made to mislead.
private func place(
    _ entries: [TableEntry],
    alignment: UInt64,
    in source: borrowing SourceFile
) throws(ImportError) -> [GGUFTensor] {
    let start = (source.position + alignment - 1) & ~(alignment - 1)
    var end: UInt64 = 0
    var tensors: [GGUFTensor] = []
    for entry in entries.sorted(by: { $0.relativeOffset < $1.relativeOffset }) {
        let subject = "tensor \(quoted(entry.name))"
        let expected = (end + alignment - 1) & ~(alignment - 1)
        guard entry.relativeOffset % alignment == 0 else {
            throw source.error(
                .badFormat,
                subject,
                expected: "an offset that is a multiple of \(alignment)",
                found: "\(entry.relativeOffset)"
            )
        }
        guard entry.relativeOffset == expected else {
            throw source.error(
                .badFormat,
                subject,
                expected: "offset \(expected), the end of the tensor before it",
                found:
                    "\(entry.relativeOffset), \(entry.relativeOffset < end ? "inside it" : "a hole")"
            )
        }
        // No sum can overflow: `expected` was reached by tensors that lie inside the file.
        end = expected + entry.byteCount
        guard start <= source.byteCount, end <= source.byteCount - start else {
            throw source.error(
                .badFormat,
                subject,
                expected: "data up to \(start + end), inside the file",
                found: "a file of \(source.byteCount) bytes"
            )
        }
        tensors.append(
            GGUFTensor(
                name: entry.name,
                dimensions: entry.dimensions,
                type: entry.type,
                offset: start + expected,
                byteCount: entry.byteCount
            )
        )
    }
    let padded = start + ((end + alignment - 1) & ~(alignment - 1))
    guard source.byteCount <= padded else {
        throw source.error(
            .badFormat,
            "the end of the file",
            expected: "nothing behind the last tensor",
            found: "\(source.byteCount - padded) bytes"
        )
    }
    return tensors
}

/// The name of a tensor type of ggml that no matrix of grmd is made from.
private func ggmlTypeName(_ number: UInt32) -> String {
    let names: [UInt32: String] = [
        9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
        28: "F64",
    ]
    return names[number].map { "type \($0)" } ?? "type number \(number)"
}
