import Kernels

/// What stands in front of the tensor data of a safetensors file, with every number checked.
///
/// The tensors follow one another without a hole and without an overlap to the end of the file.
/// Source: the description of the format in the safetensors repository of Hugging Face.
struct SafetensorsFile: Hashable, Sendable {
    /// The name of the file, for error texts.
    let fileName: String
    /// The tensors in the order of their data.
    let tensors: [SafetensorsTensor]

    /// Reads the header and leaves the source behind it.
    ///
    /// Throws: `badFormat`, `unsupported`, `limit`, `changed`, `unreadable`.
    init(reading source: inout SourceFile) throws(ImportError) {
        fileName = source.name
        let headerBytes = try readHeaderLength(of: &source)
        let text = [UInt8](try source.readBytes(headerBytes, of: "the header"))
        guard text.first == UInt8(ascii: "{") else {
            throw source.error(
                .badFormat,
                "the header",
                expected: "an object of JSON from its first byte on",
                found: "other bytes"
            )
        }
        let value = try JSONParser.value(
            of: text,
            name: "\(source.name): the header",
            valueCountMax: ImportLimits.headerValueCount
        )
        tensors = try readTensors(
            JSONFields(value, name: "\(source.name): the header"),
            dataStart: 8 + headerBytes,
            in: source
        )
    }
}

/// One tensor of a safetensors file: what it is, and where in the file its bytes lie.
struct SafetensorsTensor: Hashable, Sendable {
    /// The name, such as "model.norm.weight".
    let name: String
    /// Rows, then columns.
    let shape: [Int]
    /// How the elements are stored: F32, F16 or BF16.
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

private func readHeaderLength(of source: inout SourceFile) throws(ImportError) -> UInt64 {
    let subject = "the length of the header"
    let length = try source.readInteger(UInt64.self, of: subject)
    guard length <= ImportLimits.headerBytes else {
        throw source.error(
            .limit,
            subject,
            expected: "at most \(ImportLimits.headerBytes) bytes",
            found: "\(length)"
        )
    }
    guard length >= 2, length <= source.remainingBytes else {
        throw source.error(
            .badFormat,
            subject,
            expected: "2 to \(source.remainingBytes) bytes, by the length of the file",
            found: "\(length)"
        )
    }
    return length
}

private func readTensors(
    _ header: JSONFields,
    dataStart: UInt64,
    in source: borrowing SourceFile
) throws(ImportError) -> [SafetensorsTensor] {
    let dataBytes = source.byteCount - dataStart
    var tensors: [SafetensorsTensor] = []
    for name in header.keys where name != "__metadata__" {
        let entry = TensorEntry(name: name, fileName: source.name, dataBytes: dataBytes)
        tensors.append(try entry.tensor(header, dataStart: dataStart))
    }
    guard !tensors.isEmpty, tensors.count <= Int(ImportLimits.tensorCount) else {
        throw source.error(
            tensors.isEmpty ? .badFormat : .limit,
            "the number of tensors",
            expected: "1 to \(ImportLimits.tensorCount)",
            found: "\(tensors.count)"
        )
    }
    tensors.sort { ($0.offset, $0.name) < ($1.offset, $1.name) }
    var end = dataStart
    for tensor in tensors {
        guard tensor.offset == end else {
            throw source.error(
                .badFormat,
                "tensor \(quoted(tensor.name))",
                expected: "data right behind the tensor before it, at offset \(end - dataStart)",
                found: "data at offset \(tensor.offset - dataStart)"
            )
        }
        end = tensor.offset + tensor.byteCount
    }
    guard end == source.byteCount else {
        throw source.error(
            .badFormat,
            "the end of the file",
            expected: "nothing behind the last tensor",
            found: "\(source.byteCount - end) bytes"
        )
    }
    return tensors
}

/// One entry of the header on its way to a tensor.
private struct TensorEntry {
    let name: String
    let fileName: String
    /// The length of all data.
    let dataBytes: UInt64

    func tensor(
        _ header: JSONFields,
        dataStart: UInt64
    ) throws(ImportError) -> SafetensorsTensor {
        guard name.utf8.count <= ImportLimits.longNameBytes, !name.isEmpty else {
            throw error(
                .limit,
                expected: "a name of 1 to \(ImportLimits.longNameBytes) bytes",
                found: "\(name.utf8.count)"
            )
        }
        let fields = try JSONFields(
            header[name] ?? .null,
            name: "\(fileName): tensor \(quoted(name))"
        )
        guard fields.keys == ["data_offsets", "dtype", "shape"] else {
            throw error(
                .badFormat,
                expected: "dtype, shape and data_offsets",
                found: fields.keys.prefix(5).map(quoted).joined(separator: ", ")
            )
        }
        let type = try type(fields)
        let shape = try integers("shape", fields)
        let needed = try byteCount(of: shape, type: type)
        let range = try dataRange(fields)
        guard range.upperBound - range.lowerBound == needed else {
            throw error(
                .badFormat,
                expected: "\(needed) bytes for \(shape) \(type.name)",
                found: "\(range.upperBound - range.lowerBound)"
            )
        }
        return SafetensorsTensor(
            name: name,
            shape: shape.map { Int($0) },
            type: type,
            offset: dataStart + range.lowerBound,
            byteCount: needed
        )
    }

    private func type(_ fields: JSONFields) throws(ImportError) -> SourceType {
        let name = try fields.optionalText("dtype") ?? ""
        let types: [SourceType] = [.f32, .f16, .bf16]
        guard let type = types.first(where: { $0.name == name }) else {
            throw error(.unsupported, expected: "dtype F32, F16 or BF16", found: quoted(name))
        }
        return type
    }

    /// Bytes by the shape, with every product checked.
    private func byteCount(
        of shape: [UInt64],
        type: SourceType
    ) throws(ImportError) -> UInt64 {
        guard (1...Int(ImportLimits.dimensionCount)).contains(shape.count) else {
            throw error(
                .badFormat,
                expected: "1 to \(ImportLimits.dimensionCount) dimensions",
                found: "\(shape.count)"
            )
        }
        var product = UInt64(type.blockBytes)
        for dimension in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard dimension > 0 else {
                throw error(
                    .badFormat,
                    expected: "dimensions of at least 1",
                    found: "\(shape)"
                )
            }
            guard !overflow, next <= ImportLimits.tensorBytes else {
                throw error(
                    .limit,
                    expected: "at most \(ImportLimits.tensorBytes) bytes",
                    found: "\(shape) \(type.name)"
                )
            }
            product = next
        }
        return product
    }

    private func dataRange(_ fields: JSONFields) throws(ImportError) -> Range<UInt64> {
        let ends = try integers("data_offsets", fields)
        guard ends.count == 2, ends[0] <= ends[1], ends[1] <= dataBytes else {
            throw error(
                .badFormat,
                expected: "data_offsets of a beginning and an end up to \(dataBytes)",
                found: "\(ends)"
            )
        }
        return ends[0]..<ends[1]
    }

    private func integers(_ key: String, _ fields: JSONFields) throws(ImportError) -> [UInt64] {
        guard case .array(let values)? = fields[key], values.count <= 8 else {
            throw error(
                .badFormat,
                expected: "\(key) as an array of integers",
                found: fields[key]?.description ?? "none"
            )
        }
        var integers: [UInt64] = []
        for value in values {
            guard case .number(let text) = value, let integer = UInt64(text) else {
                throw error(
                    .badFormat,
                    expected: "\(key) as an array of integers from 0 to 2^64 - 1",
                    found: value.description
                )
            }
            integers.append(integer)
        }
        return integers
    }

    private func error(
        _ code: ImportError.Code,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(
            code,
            subject: "\(fileName): tensor \(quoted(name))",
            expected: expected,
            found: found
        )
    }
}
