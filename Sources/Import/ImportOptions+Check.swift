import Foundation

extension ImportOptions {
    /// Refuses options that no file can satisfy.
    ///
    /// Throws: `invalidOption`.
    func check() throws(ImportError) {
        if let name { try checkVersionName(name) }
        if let expectedSHA256 {
            guard expectedSHA256.utf8.count == 64, expectedSHA256.allSatisfy(\.isHexDigit) else {
                throw Self.error(
                    "the expected SHA-256",
                    expected: "64 hexadecimal digits",
                    found: quoted(expectedSHA256)
                )
            }
        }
        if let metaThreshold {
            guard (0...1).contains(metaThreshold) else {
                throw Self.error(
                    "the threshold of a meta-RM",
                    expected: "a probability from 0 to 1",
                    found: "\(metaThreshold)"
                )
            }
        }
        if let promptTemplate { try checkTemplate(promptTemplate) }
    }

    /// Refuses what does not fit the role that the version gets.
    ///
    /// Throws: `invalidOption`.
    func check(
        role: Role,
        hasScoreHead: Bool,
        hasProbe: Bool = false
    ) throws(ImportError) {
        guard role == .grm || hasScoreHead else {
            throw Self.error(
                "the role meta-rm",
                expected: "a model with a score head (...ForSequenceClassification, one label)",
                found: "one without"
            )
        }
        guard role == .metaRM || hasProbe || metaThreshold == nil else {
            throw Self.error(
                "the threshold of a meta-RM",
                expected: "the role meta-rm, or a probe, with it",
                found: "the role \(role.rawValue)"
            )
        }
    }

    /// The name that was asked for, or that of the file, less its extension, in permitted letters.
    func versionName(of fileName: String) throws(ImportError) -> String {
        if let name { return name }
        let stem = fileName.hasSuffix(".gguf") ? String(fileName.dropLast(5)) : fileName
        let name = String(stem.map { isNameLetter($0) ? $0 : "-" })
        try checkVersionName(name)
        return name
    }

    static func error(_ subject: String, expected: String, found: String) -> ImportError {
        ImportError(.invalidOption, subject: subject, expected: expected, found: found)
    }
}

/// Reads a prompt template for `ImportOptions`; it is parsed when the version is activated.
///
/// Throws: `notFound`, `unreadable`, `notRegularFile`, `limit`, `changed`; `badFormat` unless it is
/// UTF-8 and says something.
package func readPromptTemplate(at path: String) throws(ImportError) -> String {
    let file = try readWholeFile(at: path, maximumBytes: ImportLimits.promptTemplateBytes)
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
        throw ImportError(
            .badFormat,
            subject: file.name,
            expected: "UTF-8 text",
            found: "other bytes"
        )
    }
    try checkTemplate(text)
    return text
}

private func checkTemplate(_ text: String) throws(ImportError) {
    guard text.utf8.count <= ImportLimits.promptTemplateBytes else {
        throw ImportError(
            .limit,
            subject: "the prompt template",
            expected: "at most \(ImportLimits.promptTemplateBytes) bytes",
            found: "\(text.utf8.count)"
        )
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
        throw ImportError(
            .badFormat,
            subject: "the prompt template",
            expected: "a text",
            found: "white space only"
        )
    }
}

private func checkVersionName(_ name: String) throws(ImportError) {
    let starts = name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
    guard starts, name.allSatisfy(isNameLetter), name.utf8.count <= ImportLimits.versionNameBytes
    else {
        throw ImportOptions.error(
            "the name of the version",
            expected: "up to \(ImportLimits.versionNameBytes) letters, digits and . _ - + :, "
                + "a letter or digit first",
            found: quoted(name)
        )
    }
}

private func isNameLetter(_ letter: Character) -> Bool {
    letter.isASCII && (letter.isLetter || letter.isNumber || "._-+:".contains(letter))
}
