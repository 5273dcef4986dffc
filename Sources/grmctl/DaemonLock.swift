import Foundation

/// The right to change the log of deployments while no daemon runs on the state.
///
/// A daemon holds the same lock as long as it runs. Ends with the value or with the process.
struct DaemonLock: ~Copyable {
    private let handle: FileHandle

    /// Takes the lock on `daemon.lock` in the state.
    ///
    /// - Throws: `busy` at once if a daemon, or another command that works offline, holds it.
    init(state: String) throws(CommandError) {
        let path = state + "/daemon.lock"
        Self.make(path, in: state)
        guard let handle = FileHandle(forUpdatingAtPath: path) else {
            throw CommandError(
                .permission,
                subject: path,
                expected: "a file that can be opened for writing",
                found: "it cannot be",
                advice: "run grmctl as the user that owns the state"
            )
        }
        // A process started by this one must not keep the lock.
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError(
                .busy,
                subject: state,
                expected: "no daemon on this state",
                found: "one that runs; it would not notice the change",
                advice: "leave out --offline, or stop it first"
            )
        }
        self.handle = handle
    }

    deinit {
        _ = flock(handle.fileDescriptor, LOCK_UN)
    }

    /// The daemon makes the file when it first starts, which may be later than this.
    private static func make(_ path: String, in state: String) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        _ = FileManager.default.createFile(
            atPath: path,
            contents: nil,
            attributes: [.posixPermissions: 0o600]
        )
    }
}
