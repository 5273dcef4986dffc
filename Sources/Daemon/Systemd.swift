import CSystemd
import Foundation

/// What systemd and grmd say to each other: readiness one way, listening sockets the other.
package struct Systemd: Sendable {
    /// The systemd that started this process, if one did.
    package init() {}

    /// Tells systemd about the daemon's state; does nothing where no systemd listens.
    package func notify(_ lines: String...) {
        let message = lines.joined(separator: "\n")
        // Safety: the string lives through the call. An error leaves the daemon as it is.
        _ = unsafe message.withCString { unsafe sd_notify(0, $0) }
    }

    /// Tells systemd that a reload begins, with the time that it needs to tell old from new.
    package func notifyReloading() {
        let now = UInt64(ProcessInfo.processInfo.systemUptime * 1e6)
        notify("RELOADING=1", "MONOTONIC_USEC=\(now)")
    }

    /// Descriptors of the listening sockets that systemd passed, by `FileDescriptorName`.
    package func listeningSockets() -> [String: Int32] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // Safety: on success `names` is a null-terminated array of strings, ours to free.
        let count = unsafe sd_listen_fds_with_names(0, &names)
        guard count > 0, let names = unsafe names else { return [:] }
        var sockets: [String: Int32] = [:]
        for index in 0..<Int(count) {
            // Safety: the array has `count` entries.
            guard let name = unsafe names[index] else { continue }
            unsafe sockets[String(cString: name)] = SD_LISTEN_FDS_START + Int32(index)
            unsafe free(name)
        }
        unsafe free(names)
        return sockets
    }
}
