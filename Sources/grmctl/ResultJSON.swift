import Foundation
import SwiftProtobuf
import Wire

/// The JSON that verbs print: protobuf JSON under the names of the protos, one object a line.
enum ResultJSON {
    /// Raised when a field changes its meaning or goes.
    static let schemaVersion = 1

    /// A message with the schema version in front of its fields.
    static func text(_ message: some Message) throws(CommandError) -> String {
        versioned(try plain(message).dropFirst().dropLast())
    }

    /// A message of the protocol as it is.
    static func plain(_ message: some Message) throws(CommandError) -> String {
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        options.useDeterministicOrdering = true
        do {
            return try message.jsonString(options: options)
        } catch {
            throw CommandError(
                .failed,
                subject: "the result",
                expected: "a message that JSON can hold",
                found: "\(error)"
            )
        }
    }

    /// All versions; a program wants the list also when it is empty, which protobuf JSON leaves out.
    static func text(
        _ versions: [Grm_V1_VersionSummary]
    ) throws(CommandError) -> String {
        var lines: [String] = []
        for version in versions { lines.append(try plain(version)) }
        return versioned("\"versions\":[\(lines.joined(separator: ","))]")
    }

    /// A value that no message of the protocol stands for.
    static func text(_ value: some Encodable) -> String {
        versioned(encodedJSON(value).dropFirst().dropLast())
    }

    private static func versioned(_ fields: some StringProtocol) -> String {
        "{\"schema\":\(schemaVersion)\(fields.isEmpty ? "" : ",")\(fields)}"
    }
}

/// Strings, numbers, arrays and objects as one line of JSON.
func encodedJSON(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
        preconditionFailure("a value of ours that JSON cannot hold: \(error)")
    }
}
