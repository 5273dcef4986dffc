import Foundation

/// A small file that was read whole.
struct WholeFile: Hashable, Sendable {
    /// The name without its folders, for error texts.
    let name: String
    /// Every byte of the file.
    let bytes: [UInt8]
    /// SHA-256 of the bytes.
    let sha256: Data
}

/// Reads a whole file.
///
/// Throws: `notFound`, `unreadable`, `notRegularFile`, `limit`, `changed`.
func readWholeFile(
    at path: String,
    maximumBytes: Int
) throws(ImportError) -> WholeFile {
    var file = try SourceFile(opening: path)
    let name = file.name
    guard file.byteCount <= UInt64(maximumBytes) else {
        throw file.error(
            .limit,
            "the file",
            expected: "at most \(maximumBytes) bytes",
            found: "\(file.byteCount) bytes"
        )
    }
    let bytes = [UInt8](try file.readBytes(file.byteCount, of: "the file"))
    return WholeFile(name: name, bytes: bytes, sha256: try file.finish())
}

/// Parses JSON of a file that is not trusted.
///
/// Throws: `limit`, `badFormat`.
func decodeJSON<Value: Decodable>(
    _ type: Value.Type,
    _ bytes: [UInt8],
    name: String,
    maximumBytes: Int
) throws(ImportError) -> Value {
    guard bytes.count <= maximumBytes else {
        throw ImportError(
            .limit,
            subject: name,
            expected: "at most \(maximumBytes) bytes",
            found: "\(bytes.count) bytes"
        )
    }
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
        throw jsonError(error, name: name)
    } catch {
        throw ImportError(
            .badFormat,
            subject: name,
            expected: "JSON",
            found: quoted("\(error)")
        )
    }
}

private func jsonError(_ error: DecodingError, name: String) -> ImportError {
    let expected: String
    let context: DecodingError.Context
    switch error {
    case .typeMismatch(let type, let place):
        (expected, context) = ("a value of type \(type)", place)
    case .valueNotFound(let type, let place):
        (expected, context) = ("a value of type \(type)", place)
    case .keyNotFound(let key, let place):
        (expected, context) = ("the field \(key.stringValue)", place)
    case .dataCorrupted(let place):
        (expected, context) = ("JSON", place)
    @unknown default:
        return ImportError(.badFormat, subject: name, expected: "JSON", found: "something else")
    }
    let path = context.codingPath.map { key in
        key.intValue.map { "[\($0)]" } ?? quoted(key.stringValue)
    }
    return ImportError(
        .badFormat,
        subject: ([name] + path).joined(separator: " "),
        expected: expected,
        found: quoted(context.debugDescription)
    )
}
