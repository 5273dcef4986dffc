import Foundation
import SystemPackage

/// The right to listen at a path: one daemon a path; ends with the value or with the process.
///
/// Without it a second daemon would unlink the first one's socket and take its callers.
package struct SocketLock: ~Copyable {
    private let file: FileDescriptor

    /// Takes the lock on `<path>.lock`, which stays behind empty.
    ///
    /// - Throws: `DaemonError.lockHeld` at once if another daemon listens there, `.permission` if
    ///   the file cannot be made.
    package init(path: String) throws(DaemonError) {
        file = try Self.locked(path)
    }

    private static func locked(_ path: String) throws(DaemonError) -> FileDescriptor {
        let file = try opened(path + ".lock")
        if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return file }
        let reason = Errno(rawValue: errno)
        // The lock was not taken, so nothing is lost if closing fails.
        try? file.close()
        throw DaemonError(
            .lockHeld,
            subject: path,
            expected: "a path that nobody listens at",
            found: reason == .wouldBlock
                ? "another grmd is already running there" : "a lock that fails: \(reason)",
            advice: "stop it or choose another path"
        )
    }

    private static func opened(_ path: String) throws(DaemonError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                FilePath(path),
                .readWrite,
                options: [.create, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite
            )
        } catch {
            throw DaemonError(
                .permission,
                subject: path,
                expected: "a folder that user \(getuid()) can write to",
                found: "\(error)",
                advice: "make the folder or change its owner"
            )
        }
    }

    deinit {
        // The process's end closes it as well.
        try? file.close()
    }
}
