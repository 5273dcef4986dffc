import GRPCCore
import Wire

/// Calls of the scoring service.
struct ScoreCalls: Sendable {
    let connection: DaemonConnection
    let timeout: Duration?
    /// Where requests and their replies are kept, if they are.
    var record: RecordFile?

    /// Scores one request.
    func score(_ request: Grm_V1_ScoreRequest) async throws(CommandError) -> Grm_V1_ScoreReply {
        let options = DaemonClient.options(timeout: timeout)
        let reply = try await connection.call { daemon in
            try await daemon.scoring.score(request, options: options)
        }
        try record?.append(request, reply)
        return reply
    }

    /// Scores one request and hands over each event as it comes; the verdict is the last.
    func stream(
        _ request: Grm_V1_ScoreRequest,
        _ show: @Sendable @escaping (Grm_V1_ScoreEvent) throws -> Void
    ) async throws(CommandError) {
        let options = DaemonClient.options(timeout: timeout)
        let record = record
        try await connection.call { daemon in
            try await daemon.scoring.scoreStream(request, options: options) { response in
                for try await event in response.messages {
                    if case .verdict(let reply)? = event.event {
                        try record?.append(request, reply)
                    }
                    try show(event)
                }
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
            try await withThrowingTaskGroup(of: (Int, Result<Grm_V1_ScoreReply, CommandError>).self)
            { group in
                var lines = OrderedLines()
                var next = 0
                var failedCount = 0
                func startNext() {
                    guard next < requests.count else { return }
                    let index = next
                    next += 1
                    group.addTask { await (index, result(requests[index], daemon)) }
                }
                for _ in 0..<parallel { startNext() }
                while let (index, result) = try await group.next() {
                    let line: String
                    switch result {
                    case .success(let reply):
                        line = try ResultJSON.plain(reply)
                        try record?.append(requests[index], reply)
                    case .failure(let error):
                        guard error.code != .unreachable else { throw error }
                        failedCount += 1
                        line = error.json
                    }
                    for ready in lines.add(line, at: index) { try Console.write(ready) }
                    startNext()
                }
                return failedCount
            }
        }
    }

    private func result(
        _ request: Grm_V1_ScoreRequest,
        _ daemon: DaemonClient
    ) async -> Result<Grm_V1_ScoreReply, CommandError> {
        do {
            let options = DaemonClient.options(timeout: timeout)
            return .success(try await daemon.scoring.score(request, options: options))
        } catch {
            return .failure(connection.commandError(error))
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
