import Foundation

/// A program under test that runs while the test goes on; killed when the value goes.
final class RunningProgram {
    private let process = Process()
    private let stem: String
    private let files: [FileHandle]

    /// Starts grmd or grmctl; what it writes lies in files, so that nobody has to empty a pipe.
    init(
        _ program: String,
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:]
    ) throws {
        stem = "\(folder)/\(program)-\(UUID().uuidString.prefix(8))"
        files = try [".out", ".err"].map { [stem] suffix in
            try Data().write(to: URL(fileURLWithPath: stem + suffix))
            return try FileHandle(forWritingTo: URL(fileURLWithPath: stem + suffix))
        }
        process.executableURL = URL(fileURLWithPath: try BuiltPrograms.path(program))
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = files[0]
        process.standardError = files[1]
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        // Nothing more is written to them.
        for file in files { try? file.close() }
    }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }
    var output: String { text(".out") }
    var errors: String { text(".err") }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Ends it as a crash would.
    func crash() {
        send(SIGKILL)
        process.waitUntilExit()
    }

    /// Waits for its end.
    ///
    /// - Returns: The exit status; nil for one that a signal ended, or that is there still after
    ///   `seconds`.
    func status(within seconds: Double = 20) throws -> Int32? {
        guard try eventually(within: seconds, { !process.isRunning }) else { return nil }
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }

    private func text(_ suffix: String) -> String {
        // A program that has not written yet has written nothing.
        (try? String(contentsOfFile: stem + suffix, encoding: .utf8)) ?? ""
    }
}

/// Waits until something is so.
///
/// - Returns: Whether it came to be so in time.
func eventually(within seconds: Double = 20, _ isSo: () throws -> Bool) throws -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
        if try isSo() { return true }
        Thread.sleep(forTimeInterval: 0.01)
    }
    return try isSo()
}
