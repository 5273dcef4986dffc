import ArgumentParser
import Wire

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what grmd does and what it has done.",
        discussion: """
            What stands below the engine's steps is the health of the rewards since the deployment \
            began to serve: a judge that ties, favours the first place, gives almost only 9 and 10 \
            or ends without scores shows there.

            Example: grmctl status --json | jq .reward_health
            """
    )

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.status(
                Grm_V1_StatusRequest(),
                options: DaemonClient.options(timeout: .seconds(10))
            )
        }
        try Console.write(globals.json ? ResultJSON.text(reply) : Self.text(reply))
    }

    private static func text(_ reply: Grm_V1_StatusReply) -> String {
        var table = TextTable()
        let rows = daemonRows(reply) + loadRows(reply) + counterRows(reply.counters)
        for (name, value) in rows + HealthText(health: reply.rewardHealth).rows {
            table.add([name, value])
        }
        return printable(table.text(isColoured: false), keepsLines: true)
    }

    private static func daemonRows(_ reply: Grm_V1_StatusReply) -> [(String, String)] {
        [
            ("phase", "\(reply.phase)"),
            ("deployment", reply.hasDeployment ? reply.deployment.line : "none"),
            ("grmd", "\(reply.daemonVersion), process \(reply.processID)"),
            ("up", "\(Figures.decimal(reply.uptimeSeconds, places: 0)) s"),
            ("state", reply.stateDirectory),
            ("socket", reply.scoringSocket),
            ("arithmetic", "\(reply.kernels); BLAS \(reply.blas); \(reply.computeThreads) threads"),
        ]
    }

    private static func loadRows(_ reply: Grm_V1_StatusReply) -> [(String, String)] {
        let (load, limits) = (reply.load, reply.limits)
        return [
            ("requests admitted", "\(load.requestsAdmitted) of \(limits.requests)"),
            ("tokens admitted", "\(load.admittedTokens) of \(limits.tokens)"),
            ("samples", "\(load.samplesRunning) running, \(load.samplesWaiting) waiting"),
            ("KV cache", Figures.bytes(load.kvBytes)),
            (
                "limits of a request",
                "\(limits.responses) responses, \(limits.samples) judgments, "
                    + "\(Figures.bytes(limits.requestBytes)), \(limits.contextTokens) tokens of context"
            ),
        ]
    }

    private static func counterRows(_ counters: Grm_V1_Counters) -> [(String, String)] {
        [
            (
                "requests",
                "\(counters.requests): \(counters.requestsOk) ok, \(counters.requestsRefused) refused, "
                    + "\(counters.requestsFailed) failed, \(counters.requestsCancelled) cancelled, "
                    + "\(counters.requestsDeadline) past their deadline"
            ),
            (
                "judgments",
                "\(counters.judgmentsScored) scored, \(counters.judgmentsUnparsable) unparsable, "
                    + "\(counters.judgmentsTruncated) truncated, \(counters.badLogits) bad logits, "
                    + "\(counters.samplesCancelled) cancelled"
            ),
            (
                "tokens",
                "\(counters.promptTokens) prompt (\(counters.promptTokensComputed) computed), "
                    + "\(counters.generatedTokens) generated"
            ),
            ("engine", "\(counters.engineSteps) steps, \(counters.swaps) swaps"),
        ]
    }
}
