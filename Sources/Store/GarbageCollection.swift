import Foundation

/// Removes what no version needs: temporary files, and packs that no manifest names, if they have not
/// been written to for `graceSeconds`.
///
/// A process that has such a pack mapped keeps its bytes; the room is free when it is done. Without a
/// catalogue no pack is removed, since what is needed cannot be told.
/// - Returns: The names of the files that were removed, sorted.
/// Throws: `busy` while an import runs; `corrupt` if a manifest cannot be trusted, with nothing removed.
package func collectGarbage(
    in directory: StoreDirectory,
    graceSeconds: Double
) throws(StoreError) -> [String] {
    let lock = try ImportLock(directory)
    let needed = try neededPacks(directory)
    let names = try StoreError.onFile(directory.packsPath, "a folder that can be listed") {
        try FileManager.default.contentsOfDirectory(atPath: directory.packsPath)
    }
    let now = Date()
    var removed: [String] = []
    for name in names.sorted() where isGarbage(name, needed) {
        let path = "\(directory.packsPath)/\(name)"
        try StoreError.onFile(path, "a file that can be removed") {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard let written = attributes[.modificationDate] as? Date,
                now.timeIntervalSince(written) >= graceSeconds
            else { return }
            try FileManager.default.removeItem(atPath: path)
            removed.append(name)
        }
    }
    try Folder(directory.packsPath).sync()
    _ = consume lock
    return removed
}

/// The digests of the packs that versions name; nil if there is no catalogue.
private func neededPacks(_ directory: StoreDirectory) throws(StoreError) -> Set<String>? {
    let catalogue: Catalogue
    do throws(StoreError) {
        catalogue = try Catalogue(directory, access: .reading)
    } catch {
        guard error.code == .notFound else { throw error }
        return nil
    }
    return Set(try catalogue.versions().flatMap(\.packs))
}

private func isGarbage(_ name: String, _ needed: Set<String>?) -> Bool {
    if name.hasSuffix(PackWriter.temporarySuffix) { return true }
    guard let needed, name.hasSuffix(".mdb") else { return false }
    return !needed.contains(String(name.dropLast(4)))
}
