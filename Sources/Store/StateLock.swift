/// The right to serve from a store: one daemon a state directory; ends with the value or with the
/// process.
package struct StateLock: ~Copyable {
    private let folder: Folder

    /// Takes the lock.
    ///
    /// Throws: `busy` within one second if a daemon serves from this store.
    package init(_ directory: StoreDirectory) throws(StoreError) {
        folder = try Folder.locked(directory.path, "serving from this store")
    }

    /// Gives the store back; without this call it is given back at the end of the scope.
    package consuming func end() {}
}
