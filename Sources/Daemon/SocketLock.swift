import Foundation

/// The right to listen at a path: one daemon a path; ends with the value or with the process.
///
/// Without it a second daemon would unlink the first one's socket and take its callers.
package struct SocketLock: ~Copyable {
    private let handle: FileHandle

    /// Takes the lock on `<path>.lock`, which stays behind empty.
    ///
    /// - Throws: `DaemonError.lockHeld` at once if another daemon listens there.
    package init(path: String) throws(DaemonError) {
        let file = path + ".lock"
        if !FileManager.default.fileExists(atPath: file) {
            _ = FileManager.default.createFile(
                atPath: file,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
        }
        guard let handle = FileHandle(forWritingAtPath: file) else {
            throw DaemonError(
                .lockHeld,
                subject: file,
                expected: "a folder that grmd can write to",
                found: "the lock file cannot be made",
                advice: "make the folder or fix its owner"
            )
        }
        guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw DaemonError(
                .lockHeld,
                subject: path,
                expected: "a path that nobody listens at",
                found: "another grmd is already running there",
                advice: "stop it or choose another path"
            )
        }
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        self.handle = handle
    }
}
