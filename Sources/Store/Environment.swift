import CLMDB
import Foundation
import Synchronization

/// A lease on one open LMDB environment.
///
/// LMDB must not open a file twice in one process (closing one drops the file locks of the other),
/// so all leases on a file share what is open. It is closed when the last lease ends.
final class Environment: Sendable {
    /// How an environment is opened; leases share only what was opened the same way.
    struct Settings: Equatable {
        let flags: UInt32
        let mapBytes: Int

        /// Small, durable, many processes; a folder, with LMDB's lock file in it.
        static func catalogue(writing: Bool) -> Settings {
            Settings(
                flags: UInt32(MDB_NOTLS | (writing ? 0 : MDB_RDONLY)),
                mapBytes: 256 << 20
            )
        }
        /// A pack that nobody else can see yet: no locks, and one sync at the end.
        static func packInWriting(mapBytes: Int) -> Settings {
            Settings(
                flags: UInt32(MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC),
                mapBytes: mapBytes
            )
        }
        /// A cache that one holder of a lock reads and writes, one call at a time.
        ///
        /// Nothing is synced: what a
        /// killed process wrote is in the system's hands, and what a power cut leaves is checked at
        /// the next start.
        static func cache(mapBytes: Int) -> Settings {
            Settings(
                flags: UInt32(MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC),
                mapBytes: mapBytes
            )
        }
        /// A pack that nobody writes any more.
        static func sealedPack(bytes: Int) -> Settings {
            Settings(
                flags: UInt32(MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK | MDB_RDONLY),
                mapBytes: bytes
            )
        }

        var hasLocks: Bool { flags & UInt32(MDB_NOLOCK) == 0 }
        var isReadOnly: Bool { flags & UInt32(MDB_RDONLY) != 0 }
        var dataFile: String { flags & UInt32(MDB_NOSUBDIR) == 0 ? "/data.mdb" : "" }
    }

    // Safety: LMDB lets every thread use an environment that is opened with MDB_NOTLS; the registry
    // closes it only when no lease, and so no transaction, is left.
    @safe fileprivate struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }
    private struct FileKey: Hashable {
        let device: UInt64
        let number: UInt64
    }
    private struct OpenFile {
        let handle: Handle
        let settings: Settings
        var leaseCount: Int
    }
    private static let registry = Mutex<[FileKey: OpenFile]>([:])

    /// The file or folder, for error texts.
    let path: String
    private let handle: Handle
    private let key: FileKey

    /// Opens the environment at `path`, or joins those who have it open in this process.
    ///
    /// Throws: `busy` if this process has it open in another way.
    init(_ path: String, _ settings: Settings) throws(StoreError) {
        (handle, key) = try Self.registry.withLock {
            files throws(StoreError) -> (Handle, FileKey) in
            let known = try? Self.fileKey(path + settings.dataFile)  // nil: not there yet
            if let known, var file = files[known] {
                guard file.settings == settings || settings == .catalogue(writing: false) else {
                    throw StoreError(
                        .busy,
                        path,
                        expected: "a file that this process has not open otherwise",
                        found: "it is open \(file.settings.isReadOnly ? "for reading" : "already")"
                    )
                }
                file.leaseCount += 1
                files[known] = file
                return (file.handle, known)
            }
            let handle = try Self.open(path, settings)
            do throws(StoreError) {
                let key = try Self.fileKey(path + settings.dataFile)
                files[key] = OpenFile(handle: handle, settings: settings, leaseCount: 1)
                return (handle, key)
            } catch {
                // Safety: nothing else knows this environment.
                unsafe mdb_env_close(handle.pointer)
                throw error
            }
        }
        self.path = path
    }

    deinit {
        Self.registry.withLock { files in
            guard var file = files[key] else { return }
            file.leaseCount -= 1
            files[key] = file.leaseCount == 0 ? nil : file
            if file.leaseCount == 0 {
                // Safety: transactions hold their lease, so none is left; the lock keeps anyone
                // from opening the file again before this is done.
                unsafe mdb_env_close(file.handle.pointer)
            }
        }
    }

    /// Lends the C environment.
    ///
    /// Safety: valid while the lease lives.
    @unsafe var pointer: OpaquePointer { unsafe handle.pointer }

    /// Writes everything to the disk, also where commits do not.
    func sync() throws(StoreError) {
        // Safety: the lease keeps the environment open.
        try check(unsafe mdb_env_sync(pointer, 1), "a sync to disk")
    }

    /// Clears the slots of readers that have died; returns how many there were.
    func checkReaders() throws(StoreError) -> Int {
        var dead: Int32 = 0
        // Safety: the lease keeps the environment open, and the call keeps no pointer.
        try check(unsafe mdb_reader_check(pointer, &dead), "a check of the reader table")
        return Int(dead)
    }

    /// Bytes in a page of this environment.
    func pageBytes() throws(StoreError) -> Int {
        var statistics = MDB_stat()
        // Safety: as above.
        try check(unsafe mdb_env_stat(pointer, &statistics), "its page size")
        return Int(statistics.ms_psize)
    }

    /// Turns a return code of LMDB into an error about this environment.
    func check(_ code: Int32, _ expected: String) throws(StoreError) {
        try Self.check(code, path, expected)
    }

    /// Moves a file to another name in the same folder in one step, replacing what has that name.
    static func rename(_ old: String, to new: String) throws(StoreError) {
        // Safety: both C strings live for the call.
        let code = unsafe Glibc.rename(old, new) == 0 ? 0 : errno
        guard code == 0 else {
            throw StoreError(
                StoreError.kind(ofErrno: code),
                old,
                expected: "to be renamed to \(new)",
                found: "an error",
                lmdbCode: code
            )
        }
    }

    private static func open(_ path: String, _ settings: Settings) throws(StoreError) -> Handle {
        var created: OpaquePointer?
        // Safety: LMDB writes the pointer before it returns 0.
        try check(unsafe mdb_env_create(&created), path, "memory for an environment")
        guard let environment = unsafe created else {
            throw StoreError(.failed, path, expected: "an environment", found: "nothing")
        }
        do throws(StoreError) {
            // Safety: the environment is this function's own, and the path lives for the call.
            try check(unsafe mdb_env_set_mapsize(environment, settings.mapBytes), path, "a map")
            try check(unsafe mdb_env_set_maxreaders(environment, 512), path, "512 reader slots")
            try check(
                unsafe mdb_env_open(environment, path, settings.flags, 0o640),
                path,
                "an LMDB environment"
            )
            unsafe try prepare(environment, path, settings)
        } catch {
            // Safety: nothing else knows this environment.
            unsafe mdb_env_close(environment)
            throw error
        }
        return unsafe Handle(pointer: environment)
    }

    /// Sets up the main database once, since doing so is not safe among threads, and sees to it that
    /// readers have slots: on a read-only mount LMDB goes on without its lock table, and then writers
    /// overwrite what a reader is reading.
    private static func prepare(
        _ environment: OpaquePointer,
        _ path: String,
        _ settings: Settings
    ) throws(StoreError) {
        var transaction: OpaquePointer?
        var database: MDB_dbi = 0
        var state = unsafe MDB_envinfo()
        // Safety: the transaction is ended before the function returns, with the environment open.
        try check(
            unsafe mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction),
            path,
            "a read transaction"
        )
        defer { unsafe mdb_txn_abort(transaction) }
        try check(
            unsafe mdb_dbi_open(transaction, nil, 0, &database),
            path,
            "the main database"
        )
        try check(unsafe mdb_env_info(environment, &state), path, "its state")
        guard unsafe !settings.hasLocks || state.me_numreaders > 0 else {
            throw StoreError(
                .permission,
                path,
                expected: "a lock table that can be written",
                found: "a read-only file system; readers would not be protected"
            )
        }
    }

    private static func fileKey(_ path: String) throws(StoreError) -> FileKey {
        try StoreError.onFile(path, "a file") {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard let device = attributes[.systemNumber] as? NSNumber,
                let number = attributes[.systemFileNumber] as? NSNumber
            else { throw StoreError(.failed, path, expected: "an inode", found: "none") }
            return FileKey(device: device.uint64Value, number: number.uint64Value)
        }
    }

    private static func check(
        _ code: Int32,
        _ path: String,
        _ expected: String
    ) throws(StoreError) {
        guard code != 0 else { return }
        // Safety: LMDB returns a C string that lives as long as the process, or at least until this
        // thread's next call.
        let text = unsafe String(cString: mdb_strerror(code))
        throw StoreError(
            kind(of: code, path),
            path,
            expected: expected,
            found: text,
            lmdbCode: code
        )
    }

    private static func kind(of code: Int32, _ path: String) -> StoreError.Code {
        switch code {
        case MDB_NOTFOUND: .notFound
        case MDB_KEYEXIST: .alreadyExists
        case MDB_CORRUPTED, MDB_INVALID, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL: .corrupt
        case MDB_VERSION_MISMATCH: .tooNew
        case MDB_MAP_FULL, MDB_DBS_FULL, MDB_TXN_FULL, MDB_PAGE_FULL: .full
        case MDB_READERS_FULL: .busy
        case MDB_BAD_VALSIZE: .invalid
        // LMDB reports a short write, which is what a full disk gives, as EIO.
        case EIO: isFileSystemFull(path) ? .noSpace : .failed
        default: StoreError.kind(ofErrno: code)
        }
    }

    private static func isFileSystemFull(_ path: String) -> Bool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        // If the free space cannot be told, the error stays an I/O error.
        guard let free = try? PackFile.freeBytes(at: folder) else { return false }
        return free < 1 << 20
    }
}
