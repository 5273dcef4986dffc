import Foundation
import Testing

extension DaemonTests {
    @Suite("swaps")
    struct Swapping {
        @Test("Activate and rollback under load fail no request and mix no versions")
        func swapsUnderLoad() throws {
            let fixture = try DaemonFixture()
            let daemon = try fixture.startReady()
            var alone: [String: String] = [:]
            alone["a"] = try fixture.verdict(fixture.grmctl.run(fixture.small(seed: 1)))
            try fixture.expectSuccess(try fixture.call("activate", "b"))
            alone["b"] = try fixture.verdict(fixture.grmctl.run(fixture.small(seed: 1)))
            #expect(alone["a"] != alone["b"])

            // Lines of requests, so that four processes keep calling while versions change.
            let line = """
                {"conversation": [{"role": "ROLE_USER", "content": "What is the capital of \
                France?"}], "responses": [{"content": "Paris."}, {"content": "Lyon, I think."}], \
                "k_max": 4, "seed": "1", "temperature": 1, "max_judgment_tokens": 24, \
                "reply_parts": [\(try parts(of: fixture))]}
                """
            let file = fixture.grmctl.folder + "/lines"
            let lines = Array(repeating: line, count: 60).joined(separator: "\n")
            try lines.write(toFile: file, atomically: true, encoding: .utf8)
            let callers = try (0..<4).map { _ in
                try RunningProgram(
                    "grmctl",
                    ["score", "--json", "--file", file, "--socket", fixture.grmctl.socket],
                    in: fixture.grmctl.folder
                )
            }
            for _ in 0..<3 {
                try fixture.expectSuccess(try fixture.call("activate", "a"))
                try fixture.expectSuccess(try fixture.call("rollback"))
            }
            var served: [String: Int] = [:]
            for caller in callers {
                #expect(try caller.status() == 0, "\(caller.errors)")
                for reply in caller.output.split(separator: "\n") {
                    let outcome = Grmctl.Outcome(status: 0, output: String(reply), errors: "")
                    let json = try outcome.json()
                    let versions = json["versions"] as? [String: Any]
                    let name = (versions?["grm"] as? [String: Any])?["name"] as? String ?? ""
                    #expect(try fixture.verdict(json) == alone[name])
                    served[name, default: 0] += 1
                }
            }
            #expect(served.values.reduce(0, +) == 240)
            #expect(try fixture.count("counters", "swaps") == 7)
            #expect(try fixture.count("counters", "requests_failed") == 0)
            #expect(try fixture.count("load", "requests_admitted") == 0)
            #expect(daemon.isRunning)
        }

        /// The parts that `grmctl score --json` asks for, so that both ways give the same reply.
        private func parts(of fixture: DaemonFixture) throws -> String {
            let reply = try fixture.grmctl.run(fixture.small(seed: 1)).json()
            let judgment = try #require((reply["judgments"] as? [[String: Any]])?.first)
            return judgment["text"] == nil ? "" : "\"REPLY_PART_TEXT\""
        }

        @Test("What was activated serves again after a restart; a rollback too")
        func outlivesRestarts() throws {
            let fixture = try DaemonFixture()
            let names = ["b", "a"]
            var daemon = try fixture.startReady()
            for name in names {
                try fixture.expectSuccess(
                    name == "b" ? try fixture.call("activate", "b") : try fixture.call("rollback")
                )
                daemon.crash()
                daemon = try fixture.startReady()
                let deployment = try #require(try fixture.status()["deployment"] as? [String: Any])
                #expect((deployment["grm"] as? [String: Any])?["name"] as? String == name)
            }
        }
    }
}
