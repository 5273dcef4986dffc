package import Logging
import Synchronization

/// The level that the daemon's log has now; a reload changes it.
package enum LogLevel {
    private static let level = Mutex(Logger.Level.info)

    /// Sets the level by name; an unknown name leaves it.
    package static func set(_ name: String) {
        guard let new = Logger.Level(rawValue: name) else { return }
        level.withLock { $0 = new }
    }

    /// A logger to stderr.
    package static func logger() -> Logger {
        Logger(label: "grmd") { label in
            Stderr(lines: StreamLogHandler.standardError(label: label))
        }
    }

    /// Asks for the level at every line, so that a reload reaches loggers that were handed out.
    private struct Stderr: LogHandler {
        var lines: StreamLogHandler

        var logLevel: Logger.Level {
            get { level.withLock { $0 } }
            set { level.withLock { $0 = newValue } }
        }

        var metadata: Logger.Metadata {
            get { lines.metadata }
            set { lines.metadata = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { lines[metadataKey: key] }
            set { lines[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) { lines.log(event: event) }
    }
}
