import Foundation

/// An open folder: the handle for making its entries durable, and for locking it.
///
/// Locks are on the folder and not on a file in it, so there is no lock file to leave behind, and
/// LMDB's own lock file is never opened twice (closing it would drop LMDB's locks).
struct Folder: ~Copyable {
    private let handle: FileHandle
    private let path: String

    init(_ path: String) throws(StoreError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let code = StoreError.kind(ofErrno: errno)
            throw StoreError(
                code == .failed ? .notFound : code,
                path,
                expected: "a folder that can be opened",
                found: "it cannot be",
                lmdbCode: errno
            )
        }
        // A process started by this one must not keep the lock.
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        self.handle = handle
        self.path = path
    }

    deinit {
        // Unlocks at once, even if a process that was just being started still has the descriptor.
        _ = flock(handle.fileDescriptor, LOCK_UN)
    }

    /// Makes created, renamed and removed entries durable.
    func sync() throws(StoreError) {
        guard fsync(handle.fileDescriptor) == 0 else {
            throw StoreError(
                StoreError.kind(ofErrno: errno),
                path,
                expected: "fsync of the folder",
                found: "an error",
                lmdbCode: errno
            )
        }
    }

    /// Opens the folder and takes its exclusive lock, which ends with this value.
    ///
    /// Throws: `busy` if another holder has not let go within `timeoutSeconds`.
    static func locked(
        _ path: String,
        _ purpose: String,
        timeoutSeconds: Double = 0.9
    ) throws(StoreError) -> Folder {
        let folder = try Folder(path)
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        while flock(folder.handle.fileDescriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw StoreError(
                    .failed,
                    path,
                    expected: "a lock for \(purpose)",
                    found: "flock failed",
                    lmdbCode: errno
                )
            }
            guard ContinuousClock.now < deadline else {
                throw StoreError(
                    .busy,
                    path,
                    expected: "nobody else at \(purpose)",
                    found: "another process holds the lock; try again when it is done"
                )
            }
            usleep(10_000)
        }
        return folder
    }
}
