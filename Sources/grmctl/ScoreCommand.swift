import ArgumentParser
import Wire

struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Have responses judged.",
        discussion: """
            A file holds the JSON of one grm.v1.ScoreRequest, or one on each line. Of many, the \
            replies come as JSON in the order of the requests, one a line; in the place of a reply \
            that failed stands {"error": ...}, and the exit code is 1.

            Examples:
              grmctl score --prompt "France's capital?" --response Paris --response Lyon
              grmctl score --json requests.jsonl > replies.jsonl
            """
    )

    @Argument(
        help: ArgumentHelp("The same as --file.", valueName: "file"),
        completion: .file(extensions: ["json", "jsonl"])
    )
    var input: String?

    @Option(
        help: ArgumentHelp("A file with requests; - is the standard input.", valueName: "path"),
        completion: .file(extensions: ["json", "jsonl"])
    )
    var file: String?

    @OptionGroup(title: "The request") var options: ScoreOptions

    @Option(help: "Give up after this many seconds; grmd then frees the judgments.")
    var timeout: Double?

    @Option(help: "Requests of a file with many that are sent at once.")
    var parallel = 4

    @Flag(help: "Show each judgment when it is finished.")
    var stream = false

    @Flag(help: "Leave the judgments out.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "Append each request and its reply to this file, for grmctl replay.",
            valueName: "path"
        ),
        completion: .file(extensions: ["jsonl"])
    )
    var record: String?

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard input == nil || file == nil else {
            throw ValidationError("expected one file, found --file and another")
        }
        try options.check(hasFile: path != nil)
        if let timeout, !(timeout > 0 && timeout <= 86_400) {
            throw ValidationError(
                "--timeout: expected more than 0 and at most 86400 seconds, found \(timeout)"
            )
        }
        guard (1...256).contains(parallel) else {
            throw ValidationError("--parallel: expected 1 to 256, found \(parallel)")
        }
    }

    func run() async throws {
        let calls = ScoreCalls(
            connection: globals.scoring,
            timeout: timeout.map { .seconds($0) },
            record: try record.map { try RecordFile(appendingTo: $0) }
        )
        guard let path else {
            return try await runOne(options.request(), calls)
        }
        var (requests, isLines) = try RequestFile(path).requests()
        for index in requests.indices { options.apply(to: &requests[index]) }
        guard isLines else { return try await runOne(requests[0], calls) }
        guard !stream else {
            throw CommandError(
                .usage,
                subject: "--stream",
                expected: "one request",
                found: "\(requests.count) in \(path)",
                advice: "leave out --stream"
            )
        }
        let failedCount = try await calls.scoreMany(requests, parallel: parallel)
        guard failedCount == 0 else {
            throw CommandError(
                .failed,
                subject: path,
                expected: "a reply to each request",
                found: "errors for \(failedCount) of \(requests.count)"
            )
        }
    }

    private var path: String? { file ?? input }

    private func runOne(
        _ request: Grm_V1_ScoreRequest,
        _ calls: ScoreCalls
    ) async throws(CommandError) {
        var request = request
        if !globals.json && !quiet {
            for part in [Grm_V1_ReplyPart.principles, .critique]
            where !request.replyParts.contains(part) {
                request.replyParts.append(part)
            }
        }
        let text = VerdictText(request, isColoured: Console.isColoured)
        if stream {
            try await streamOne(request, calls, text)
            return
        }
        let reply = try await calls.score(request)
        if globals.json {
            try Console.write(ResultJSON.plain(reply))
        } else {
            try Console.write(text.text(reply))
            if !quiet {
                for judgment in reply.judgments { try Console.write("\n" + text.text(judgment)) }
            }
        }
    }

    private func streamOne(
        _ request: Grm_V1_ScoreRequest,
        _ calls: ScoreCalls,
        _ text: VerdictText
    ) async throws(CommandError) {
        let (isJSON, isQuiet) = (globals.json, quiet)
        try await calls.stream(request) { event in
            if isJSON { return try Console.write(ResultJSON.plain(event)) }
            switch event.event {
            case .judgment(let judgment)?:
                if !isQuiet { try Console.write(text.text(judgment) + "\n") }
            case .verdict(let reply)?: try Console.write(text.text(reply))
            case nil: break
            }
        }
    }
}
