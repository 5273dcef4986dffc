/// The right to add or remove packs: one holder a store, in all processes; ends with the value or
/// with the process.
package struct ImportLock: ~Copyable {
    private let folder: Folder

    /// Takes the lock.
    ///
    /// Throws: `busy` within one second if another importer or collector holds it.
    package init(_ directory: StoreDirectory) throws(StoreError) {
        folder = try Folder.locked(directory.packsPath, "importing or collecting")
    }
}
