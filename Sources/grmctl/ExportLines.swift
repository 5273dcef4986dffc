import Foundation

/// Lines for the standard output, or for a file that appears whole or not at all.
struct ExportLines: Sendable {
    private let path: String
    /// nil is the standard output.
    private let part: FileHandle?
    private var partPath: String { path + ".part" }

    /// Begins a file beside the one that is wanted.
    ///
    /// - Parameters:
    ///   - path: `-` is the standard output.
    ///   - overwrites: Whether a file that is there may be replaced.
    /// - Throws: `failed` for a file that is there and must not be written over, and for one that
    ///   cannot be made.
    init(_ path: String, overwrites: Bool) throws(CommandError) {
        self.path = path
        guard path != "-" else {
            part = nil
            return
        }
        guard overwrites || !FileManager.default.fileExists(atPath: path) else {
            throw CommandError(
                .failed,
                subject: path,
                expected: "a new file",
                found: "one that is there",
                advice: "write over it with --force"
            )
        }
        let isMade = FileManager.default.createFile(atPath: path + ".part", contents: nil)
        guard isMade, let file = FileHandle(forWritingAtPath: path + ".part") else {
            throw Self.unwritable(path, "none can be made there")
        }
        part = file
    }

    func write(_ line: String) throws(CommandError) {
        guard let part else {
            try Console.write(line)
            return
        }
        do {
            try part.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            throw Self.unwritable(path, error.localizedDescription)
        }
    }

    /// Gives the file its name.
    func finish() throws(CommandError) {
        guard let part else { return }
        do {
            try part.synchronize()
            try part.close()
            // What is written over goes only when the new file is whole.
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
            try FileManager.default.moveItem(atPath: partPath, toPath: path)
        } catch {
            throw Self.unwritable(path, error.localizedDescription)
        }
    }

    private static func unwritable(_ path: String, _ found: String) -> CommandError {
        CommandError(.failed, subject: path, expected: "a file to write", found: found)
    }
}
