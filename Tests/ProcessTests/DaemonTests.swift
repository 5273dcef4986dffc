import Foundation
import Testing

/// All tests of the built daemon, one after the other: they measure what goes on at once.
@Suite("The built grmd", .serialized)
struct DaemonTests {}

extension DaemonTests {
    @Suite("serves")
    struct Serving {
        let fixture: DaemonFixture

        init() throws {
            fixture = try DaemonFixture()
        }

        @Test("It becomes ready, scores, and says what it did")
        func serves() throws {
            let daemon = try fixture.startReady()
            let reply = try fixture.grmctl.run(fixture.small(seed: 3)).json()
            #expect((reply["scores"] as? [[String: Any]])?.count == 2)
            let versions = try #require(reply["versions"] as? [String: Any])
            #expect((versions["grm"] as? [String: Any])?["name"] as? String == "a")
            let status = try fixture.status()
            #expect(status["phase"] as? String == "PHASE_SERVING")
            #expect(status["process_id"] as? String == "\(daemon.identifier)")
            #expect(status["state_directory"] as? String == fixture.grmctl.state)
            #expect(try fixture.count("counters", "requests_ok") == 1)
            #expect(try fixture.count("counters", "judgments_scored") == 4)
            #expect(try fixture.count("load", "requests_admitted") == 0)
            #expect(try fixture.count("limits", "context_tokens") == 4096)
        }

        @Test("The sockets have the modes that the configuration says")
        func setsModes() throws {
            let daemon = try fixture.startReady(["scoring_socket.mode=0666"])
            #expect(try permissions(fixture.grmctl.socket) == 0o666)
            #expect(try permissions(fixture.grmctl.socket + ".admin") == 0o600)
            daemon.crash()
            try fixture.startReady()
            #expect(try permissions(fixture.grmctl.socket) == 0o660)
        }

        @Test("One seed gives one verdict, twice and from eight processes at once")
        func isReproducible() throws {
            let daemon = try fixture.startReady()
            var alone: [Int: String] = [:]
            for seed in 0..<8 {
                let outcome = try fixture.grmctl.run(fixture.small(seed: seed))
                alone[seed] = try fixture.verdict(outcome)
            }
            let again = try fixture.verdict(fixture.grmctl.run(fixture.small(seed: 0)))
            #expect(again == alone[0])
            #expect(Set(alone.values).count == 8)
            let calls = try (0..<8).map { seed in
                try RunningProgram(
                    "grmctl",
                    fixture.small(seed: seed) + ["--socket", fixture.grmctl.socket],
                    in: fixture.grmctl.folder
                )
            }
            for (seed, call) in calls.enumerated() {
                #expect(try call.status() == 0, "\(call.errors)")
                let outcome = Grmctl.Outcome(status: 0, output: call.output, errors: "")
                #expect(try fixture.verdict(outcome) == alone[seed])
            }
            #expect(daemon.isRunning)
        }

        @Test("A second daemon on the same socket or store is refused with 5; the first goes on")
        func refusesASecond() throws {
            let first = try fixture.startReady()
            let other = fixture.grmctl.folder + "/other"
            let onSocket = try fixture.start(state: other)
            #expect(try onSocket.status() == 5)
            #expect(onSocket.errors.contains(fixture.grmctl.socket))
            #expect(onSocket.errors.contains("already running"))
            let onState = try fixture.start(socket: fixture.grmctl.folder + "/s2")
            #expect(try onState.status() == 5)
            #expect(onState.errors.contains(fixture.grmctl.state))
            #expect(first.isRunning)
            #expect(try fixture.grmctl.run(fixture.small(seed: 1)).status == 0)
            #expect(try fixture.status()["process_id"] as? String == "\(first.identifier)")
        }

        @Test("After kill -9 in mid-request the next start takes the old sockets over and serves")
        func restartsAfterACrash() throws {
            let daemon = try fixture.startReady()
            let before = try fixture.verdict(fixture.grmctl.run(fixture.small(seed: 5)))
            let request = try fixture.startLong(k: 32, tokens: 1000)
            daemon.crash()
            let failure = try request.status()
            #expect(failure != nil && failure != 0)
            #expect(FileManager.default.fileExists(atPath: fixture.grmctl.socket), "it is stale")
            #expect(try fixture.grmctl.run(fixture.small(seed: 5)).status == 69)
            try fixture.startReady()
            #expect(try fixture.verdict(fixture.grmctl.run(fixture.small(seed: 5))) == before)
        }

        @Test("A client that vanishes in mid-request frees what it held")
        func freesTheGone() throws {
            try fixture.startReady()
            let request = try fixture.startLong(k: 64, tokens: 1500)
            request.crash()
            #expect(try eventually { try fixture.count("counters", "requests_cancelled") == 1 })
            #expect(try fixture.count("load", "requests_admitted") == 0)
            #expect(try fixture.count("load", "samples_running") == 0)
            #expect(try fixture.count("counters", "samples_cancelled") > 0)
            #expect(try fixture.grmctl.run(fixture.small(seed: 1)).status == 0)
        }

        @Test("Something else at a socket's path is left alone")
        func sparesOtherFiles() throws {
            try "mine".write(toFile: fixture.grmctl.socket, atomically: true, encoding: .utf8)
            let daemon = try fixture.start()
            let status = try daemon.status()
            #expect(status != nil && status != 0)
            let text = try String(contentsOfFile: fixture.grmctl.socket, encoding: .utf8)
            #expect(text == "mine")
        }
    }
}
