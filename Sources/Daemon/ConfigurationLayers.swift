import Foundation
import TOMLKit

/// The values that were given, layer over layer: file, environment, flags.
///
/// The last one wins.
package struct ConfigurationLayers: Hashable, Sendable {
    private struct Value: Hashable {
        let text: String
        let source: String
    }

    private var values: [Configuration.Key: Value] = [:]

    /// No layer: every setting has its default.
    package init() {}

    // MARK: Layers

    /// Adds the settings of a TOML file.
    ///
    /// - Throws: `ConfigurationError` for a file that cannot be read, is not TOML, or has a key that
    ///   grmd does not know: a misspelt setting must not silently do nothing.
    package mutating func add(file path: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                source: path,
                key: "file",
                expected: "a readable text file",
                found: error.localizedDescription
            )
        }
        try add(toml: text, source: path)
    }

    /// Adds the settings of a TOML text.
    package mutating func add(toml text: String, source: String) throws(ConfigurationError) {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch {
            throw ConfigurationError(
                source: source,
                key: "syntax",
                expected: "TOML",
                found: "\(error)"
            )
        }
        for (key, value) in try Self.flatten(table, prefix: "", source: source) {
            try set(key, to: value, source: source)
        }
    }

    /// Adds the variables of an environment that begin with GRMD_ and name a setting.
    package mutating func add(environment: [String: String]) {
        for key in Configuration.Key.allCases {
            guard let text = environment[key.variable] else { continue }
            values[key] = Value(text: text, source: key.variable)
        }
    }

    /// Adds one setting by name.
    ///
    /// - Throws: `ConfigurationError` for a name that grmd does not know.
    package mutating func set(
        _ name: String,
        to text: String,
        source: String
    ) throws(ConfigurationError) {
        guard let key = Configuration.Key(rawValue: name) else {
            let known = Configuration.Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(
                source: source,
                key: name,
                expected: "one of \(known)",
                found: "an unknown key"
            )
        }
        values[key] = Value(text: text, source: source)
    }

    private static func flatten(
        _ table: TOMLTable,
        prefix: String,
        source: String
    ) throws(ConfigurationError) -> [(String, String)] {
        var flat: [(String, String)] = []
        for key in table.keys.sorted() {
            let name = prefix + key
            guard let value = table[key] else { continue }
            if let inner = value.table {
                flat += try flatten(inner, prefix: name + ".", source: source)
            } else if let text = value.string {
                flat.append((name, text))
            } else if let number = value.int {
                flat.append((name, String(number)))
            } else if let number = value.double {
                flat.append((name, String(number)))
            } else {
                throw ConfigurationError(
                    source: source,
                    key: name,
                    expected: "a string or a number",
                    found: "\(value.debugDescription)"
                )
            }
        }
        return flat
    }

    // MARK: Values

    func text(_ key: Configuration.Key) -> String? {
        values[key].map(\.text).flatMap { $0.isEmpty ? nil : $0 }
    }

    func integer(
        _ key: Configuration.Key,
        _ range: ClosedRange<Int>,
        or standard: Int,
        offAt off: Int? = nil
    ) throws(ConfigurationError) -> Int {
        guard let text = values[key]?.text else { return standard }
        guard let number = Int(text), range.contains(number) || number == off else {
            let also = off.map { ", or \($0) for none" } ?? ""
            throw error(
                key,
                "a whole number from \(range.lowerBound) to \(range.upperBound)\(also)"
            )
        }
        return number
    }

    func number(
        _ key: Configuration.Key,
        _ range: ClosedRange<Double>,
        or standard: Double
    ) throws(ConfigurationError) -> Double {
        guard let text = values[key]?.text else { return standard }
        guard let number = Double(text), range.contains(number) else {
            throw error(key, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func mode(_ key: Configuration.Key, or standard: UInt16) throws(ConfigurationError) -> UInt16 {
        guard let text = values[key]?.text else { return standard }
        guard let mode = UInt16(text, radix: 8), mode <= 0o777 else {
            throw error(key, "permission bits in octal, such as \"0660\"")
        }
        return mode
    }

    func choice(
        _ key: Configuration.Key,
        _ choices: [String],
        or standard: String
    ) throws(ConfigurationError) -> String {
        guard let text = values[key]?.text else { return standard }
        guard choices.contains(text) else {
            throw error(key, "one of \(choices.joined(separator: ", "))")
        }
        return text
    }

    func path(_ key: Configuration.Key, or standard: String) throws(ConfigurationError) -> String {
        guard let text = values[key]?.text else { return standard }
        guard text.hasPrefix("/") else { throw error(key, "an absolute path") }
        return text
    }

    /// The kernel's limit of a socket path, its final zero included, is 108 bytes.
    func socketPath(
        _ key: Configuration.Key,
        or standard: String
    ) throws(ConfigurationError) -> String {
        let path = try path(key, or: standard)
        guard path.utf8.count <= 107 else {
            throw error(key, "a path of at most 107 bytes")
        }
        return path
    }

    private func error(_ key: Configuration.Key, _ expected: String) -> ConfigurationError {
        ConfigurationError(
            source: values[key]?.source ?? "default",
            key: key.rawValue,
            expected: expected,
            found: "\"\(values[key]?.text ?? "")\""
        )
    }
}
