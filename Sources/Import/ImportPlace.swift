import Foundation
import SystemPackage

/// What a path leads to, of the things that can be imported.
struct ImportPlace: Hashable, Sendable {
    /// The kinds of sources.
    enum Form: Sendable {
        /// A GGUF file.
        case gguf
        /// A folder with config.json, tokenizer.json and safetensors.
        case checkpoint
        /// A folder with a LoRA adapter of PEFT.
        case adapter
        /// A folder with probe.safetensors.
        case probe
    }

    /// The kind.
    let form: Form
    /// The GGUF file, or the folder.
    let path: String
    /// The name of the file or folder, for error texts and the manifest.
    let name: String

    /// The file that says what a folder is.
    private static let forms: [(file: String, form: Form)] = [
        ("adapter_config.json", .adapter), ("probe.safetensors", .probe),
        ("model.safetensors", .checkpoint), ("model.safetensors.index.json", .checkpoint),
        ("adapter_model.safetensors", .adapter),
    ]

    /// Looks at a path; a file in a folder that is known by its name stands for the folder.
    ///
    /// What is no folder is taken for a GGUF file, and its reader says what is wrong with it.
    /// Throws: `notRegularFile` for a folder with nothing to import, or with several things;
    /// `unsupported` for a file that is a part of a folder.
    init(_ path: String) throws(ImportError) {
        guard !path.utf8.contains(0) else {
            throw ImportError(
                .notFound,
                subject: quoted(path),
                expected: "the path of a file or folder",
                found: "no path"
            )
        }
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let known = Self.forms.first { $0.file == url.lastPathComponent }
        if let known {
            form = known.form
            self.path = url.deletingLastPathComponent().path
        } else if isFolder(path) {
            form = try Self.form(of: path)
            self.path = url.path
        } else {
            try checkName(url.lastPathComponent, path)
            form = .gguf
            self.path = path
            name = String(path.split(separator: "/").last ?? "")
            return
        }
        name = URL(fileURLWithPath: self.path).lastPathComponent
    }

    private static func form(of folder: String) throws(ImportError) -> Form {
        let found = forms.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0.file)") }
        guard let form = found.first?.form, found.allSatisfy({ $0.form == form }) else {
            throw ImportError(
                .notRegularFile,
                subject: folder,
                expected: "a file, or a folder with one of model.safetensors (or its index), "
                    + "adapter_config.json and probe.safetensors",
                found: found.isEmpty
                    ? "a folder" : "a folder with \(found.map(\.file).joined(separator: ", "))"
            )
        }
        return form
    }
}

/// Refuses files that are a part of a folder, by their name.
private func checkName(_ name: String, _ path: String) throws(ImportError) {
    guard name.hasSuffix(".safetensors") || name.hasSuffix(".json") else { return }
    throw ImportError(
        .unsupported,
        subject: path,
        expected: "the folder with the file, its config.json and its tokenizer.json",
        found: "one file of it"
    )
}

/// Whether there is a folder at a path, and not a link to one.
private func isFolder(_ path: String) -> Bool {
    // Whatever cannot be looked at is no folder; opening it as a file says why.
    let stat = try? Stat(FilePath(path), followTargetSymlink: false)
    return stat?.type == .directory
}
