import Foundation
import Testing

extension DaemonTests {
    @Suite("can be checked afterwards")
    struct Replaying {
        private let fixture: DaemonFixture
        private var record: String { fixture.grmctl.folder + "/record.jsonl" }

        init() throws {
            fixture = try DaemonFixture()
        }

        private func replay(_ arguments: String...) throws -> Grmctl.Outcome {
            try fixture.grmctl.run(["replay", record, "--threads", "1"] + arguments)
        }

        private func score(_ arguments: String...) throws {
            try fixture.expectSuccess(fixture.grmctl.run(arguments + ["--record", record]))
        }

        @Test("What was recorded comes out equal, by each way of asking; a changed score is told")
        func replays() throws {
            try fixture.startReady()
            try fixture.expectSuccess(
                fixture.grmctl.run(fixture.small(seed: 3) + ["--record", record])
            )
            try score(
                "score",
                "--stream",
                "--prompt",
                "Which?",
                "--response",
                "This.",
                "--response",
                "That.",
                "--k",
                "2",
                "--max-tokens",
                "8",
                "--readout",
                "expected"
            )
            let requests = fixture.grmctl.folder + "/requests.jsonl"
            let request = #"""
                {"conversation":[{"role":"ROLE_USER","content":"Which?"}],"k_max":2,
                "responses":[{"content":"This."},{"content":"That."}],"max_judgment_tokens":8}
                """#.replacingOccurrences(of: "\n", with: "")
            try "\(request)\n\(request)\n".write(
                toFile: requests,
                atomically: true,
                encoding: .utf8
            )
            try score("score", requests)
            try fixture.expectSuccess(fixture.call("activate", "b"))
            let equal = try replay()
            #expect(equal.status == 0, "\(equal.errors)")
            #expect(equal.output == (1...4).map { "line \($0): equal\n" }.joined())
            var text = try String(contentsOfFile: record, encoding: .utf8)
            let first = try #require(text.range(of: #""counted":true"#))
            text.replaceSubrange(first, with: #""counted":false"#)
            try text.write(toFile: record, atomically: true, encoding: .utf8)
            let different = try replay("--json")
            #expect(different.status == 1)
            let lines = different.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines[0].contains(#""field":"judgments[0].counted""#))
            #expect(lines.dropFirst().allSatisfy { $0.contains(#""is_equal":true"#) })
        }

        @Test("A meta-RM filters judgments, and its scores come out equal")
        func filters() throws {
            try fixture.startReady()
            try fixture.grmctl.importFilter("filter", onto: "a")
            try fixture.expectSuccess(fixture.call("activate", "b", "--meta-rm", "filter"))
            let outcome = try fixture.grmctl.run(fixture.small(seed: 3) + ["--record", record])
            let reply = try outcome.json()
            #expect(reply["k_meta"] as? Int == 2 && reply["k_counted"] as? Int == 2)
            let versions = try #require(reply["versions"] as? [String: Any])
            #expect((versions["meta_rm"] as? [String: Any])?["name"] as? String == "filter")
            let judgments = try #require(reply["judgments"] as? [[String: Any]])
            let scores = judgments.compactMap { $0["meta_score"] as? Double }
            #expect(scores.count == 4 && scores.allSatisfy { (0...1).contains($0) })
            #expect(try fixture.call("status").output.contains("meta scores "))
            let equal = try replay()
            #expect(equal.status == 0, "\(equal.output) \(equal.errors)")
        }

        @Test("A record that cannot be written or read is refused, before anything is computed")
        func refuses() throws {
            try fixture.startReady()
            let folder = fixture.grmctl.folder + "/none/record.jsonl"
            let outcome = try fixture.grmctl.run(fixture.small(seed: 1) + ["--record", folder])
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(try fixture.count("counters", "requests") == 0)
            try #"{"request":{}}"#.write(toFile: record, atomically: true, encoding: .utf8)
            #expect(try replay().status == 2)
        }

        @Test("The status shows the health of the rewards once there are some")
        func showsHealth() throws {
            try fixture.startReady()
            #expect(try !fixture.call("status").output.contains("position effect"))
            try fixture.expectSuccess(fixture.grmctl.run(fixture.small(seed: 3)))
            let text = try fixture.call("status").output
            #expect(text.contains("judgments a request  4 █ 1"))
            #expect(text.contains("unparsable           0 of 4 judgments (0.0%)"))
            #expect(text.contains("for the earlier place, over 2 pairs of judgments"))
        }
    }
}
