import Foundation

/// The folder of one model store: `catalogue/` and `packs/`.
package struct StoreDirectory: Hashable, Sendable {
    /// The folder itself, without a slash at the end.
    package let path: String

    /// Uses the store at `path`, making its folders (0750) where they are missing.
    ///
    /// Throws: `permission`, `noSpace`, or `invalid` if something there is not a folder.
    package init(creatingAt path: String) throws(StoreError) {
        self.path = try Self.normalized(path)
        for folder in [self.path, cataloguePath, packsPath] {
            try StoreError.onFile(folder, "a folder, or room to make one") {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o750]
                )
            }
        }
        try checkFolders()
        try Folder(self.path).sync()
    }

    /// Uses the store that is at `path`.
    ///
    /// Throws: `notFound` if there is none.
    package init(existingAt path: String) throws(StoreError) {
        self.path = try Self.normalized(path)
        try checkFolders()
    }

    /// Where the pack with this digest lies, whether it is there or not.
    package func packPath(_ digest: String) -> String { "\(packsPath)/\(digest).mdb" }

    var cataloguePath: String { path + "/catalogue" }
    var packsPath: String { path + "/packs" }

    private func checkFolders() throws(StoreError) {
        for folder in [cataloguePath, packsPath] {
            let attributes = try StoreError.onFile(folder, "a folder of a model store") {
                try FileManager.default.attributesOfItem(atPath: folder)
            }
            let type = attributes[.type] as? FileAttributeType
            guard type == .typeDirectory || type == .typeSymbolicLink else {
                throw StoreError(
                    .invalid,
                    folder,
                    expected: "a folder of a model store",
                    found: "something that is not a folder"
                )
            }
        }
    }

    private static func normalized(_ path: String) throws(StoreError) -> String {
        guard path.utf8.contains(where: { $0 != UInt8(ascii: "/") }), !path.utf8.contains(0) else {
            throw StoreError(
                .invalid,
                "the store's path",
                expected: "a folder other than /",
                found: "'\(path)'"
            )
        }
        var trimmed = path[...]
        while trimmed.utf8.last == UInt8(ascii: "/") { trimmed = trimmed.dropLast() }
        return String(trimmed)
    }
}
