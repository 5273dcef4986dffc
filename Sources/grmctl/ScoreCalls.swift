import GRPCCore
import Wire

/// Calls of the scoring service.
struct ScoreCalls: Sendable {
    let connection: DaemonConnection
    let timeout: Duration?

    /// Scores one request.
    func score(_ request: Grm_V1_ScoreRequest) async throws(CommandError) -> Grm_V1_ScoreReply {
        let options = DaemonClient.options(timeout: timeout)
        return try await connection.call { daemon in
            try await daemon.scoring.score(request, options: options)
        }
    }

    /// Scores one request and hands over each event as it comes; the verdict is the last.
    func stream(
        _ request: Grm_V1_ScoreRequest,
        _ show: @Sendable @escaping (Grm_V1_ScoreEvent) throws -> Void
    ) async throws(CommandError) {
        let options = DaemonClient.options(timeout: timeout)
        try await connection.call { daemon in
            try await daemon.scoring.scoreStream(request, options: options) { response in
                for try await event in response.messages { try show(event) }
            }
        }
    }

    /// Scores many requests over one connection and prints a line for each, in their order.
    ///
    /// - Returns: How many failed; their lines hold the error.
    /// - Throws: What makes going on useless: no daemon, or nowhere to print.
    func scoreMany(
        _ requests: [Grm_V1_ScoreRequest],
        parallel: Int
    ) async throws(CommandError) -> Int {
        try await connection.call { daemon in
            try await withThrowingTaskGroup(of: (Int, String?, CommandError?).self) { group in
                var lines = OrderedLines()
                var next = 0
                var failedCount = 0
                func startNext() {
                    guard next < requests.count else { return }
                    let index = next
                    next += 1
                    group.addTask { try await line(index, requests[index], daemon) }
                }
                for _ in 0..<parallel { startNext() }
                while let (index, line, error) = try await group.next() {
                    if let error {
                        guard error.code != .unreachable else { throw error }
                        failedCount += 1
                    }
                    for ready in lines.add(line ?? error?.json ?? "", at: index) {
                        try Console.write(ready)
                    }
                    startNext()
                }
                return failedCount
            }
        }
    }

    private func line(
        _ index: Int,
        _ request: Grm_V1_ScoreRequest,
        _ daemon: DaemonClient
    ) async throws -> (Int, String?, CommandError?) {
        do {
            let options = DaemonClient.options(timeout: timeout)
            let reply = try await daemon.scoring.score(request, options: options)
            return (index, try ResultJSON.plain(reply), nil)
        } catch {
            return (index, nil, connection.commandError(error))
        }
    }
}

/// Lines that are finished in any order and leave in theirs.
struct OrderedLines {
    private var waiting: [Int: String] = [:]
    private var next = 0

    /// Takes a line and returns those that may leave now.
    mutating func add(_ line: String, at index: Int) -> [String] {
        waiting[index] = line
        var ready: [String] = []
        while let line = waiting.removeValue(forKey: next) {
            ready.append(line)
            next += 1
        }
        return ready
    }
}
