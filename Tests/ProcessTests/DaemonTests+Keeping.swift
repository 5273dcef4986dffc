import Foundation
import Testing

extension DaemonTests {
    @Suite("keeps principles")
    struct Keeping {
        private static let environment = ProcessInfo.processInfo.environment
        private static let roundCount =
            environment["GRMD_KILL_ROUNDS"].flatMap(Int.init) ?? 40

        private let fixture: DaemonFixture
        private var folder: String { fixture.grmctl.folder + "/cache/principles" }

        init() throws {
            fixture = try DaemonFixture()
        }

        /// Lines of sets that belong to their keys and to nothing else.
        private func lines(_ count: Int, round: Int = 0) -> String {
            (0..<count).map { number in
                let digits = String(number, radix: 16)
                let key = String(repeating: "0", count: 64 - digits.count) + digits
                let fill = String(repeating: "x", count: number * 37 % 1200)
                return """
                    {"key":"\(key)","principles":[{"text":"\(key) \(round) \(fill)"}]}
                    """
            }.joined(separator: "\n")
        }

        private func file(_ name: String, _ text: String) throws -> String {
            let path = "\(fixture.grmctl.folder)/\(name)"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        private func statistic(_ name: String) throws -> Int {
            let outcome = try fixture.call("principles", "stats", "--json")
            try fixture.expectSuccess(outcome)
            return Int(try outcome.json()[name] as? String ?? "0") ?? 0
        }

        private func exported() throws -> [[String: Any]] {
            let outcome = try fixture.call("principles", "export", "-")
            try fixture.expectSuccess(outcome)
            return try outcome.output.split(separator: "\n").map {
                try Grmctl.Outcome(status: 0, output: String($0), errors: "").json()
            }
        }

        private func text(_ entry: [String: Any]) -> String? {
            (entry["principles"] as? [[String: Any]])?.first?["text"] as? String
        }

        @Test("Every verb does what it says, and what was kept is there after a restart")
        func obeys() throws {
            let daemon = try fixture.startReady()
            let lines = try file("sets.jsonl", lines(3))
            let imported = try fixture.call("principles", "import", lines)
            #expect(imported.output == "imported: 3, refused: 0\n", "\(imported.errors)")
            let listed = try fixture.call("principles", "list", "--json").json()
            let entries = try #require(listed["entries"] as? [[String: Any]])
            #expect(entries.count == 3)
            let key = try #require(entries[1]["key"] as? String)
            let set = try #require(entries[1]["set_id"] as? String)
            #expect(try fixture.call("principles", "list").output.contains(set))
            #expect(try fixture.call("principles", "list", "--limit", "1").errors.contains("more"))
            try fixture.expectSuccess(try fixture.call("principles", "pin", key, set))
            let edited = try fixture.call(
                "principles",
                "edit",
                key,
                set,
                "--principle",
                "Is it \u{1b}[1mright?",
                "--weight",
                "0.5"
            )
            try fixture.expectSuccess(edited)
            let shown = try fixture.call("principles", "show", key).output
            #expect(shown.contains("Is it ?[1mright? (weight 0.50)") && shown.contains("(pinned)"))
            let short = try fixture.call("principles", "show", "00000000")
            #expect(short.status == 2 && short.errors.contains("several that begin so"))
            #expect(try fixture.call("principles", "show", "ffffffff").status == 4)
            #expect(try fixture.call("principles", "delete", key, set).status == 4)
            daemon.crash()
            try fixture.startReady()
            let all = try exported()
            #expect(all.count == 3)
            let path = fixture.grmctl.folder + "/out.jsonl"
            try fixture.expectSuccess(try fixture.call("principles", "export", path))
            #expect(try fixture.call("principles", "export", path).status == 1)
            try fixture.expectSuccess(try fixture.call("principles", "export", path, "--force"))
            for entry in all {
                let key = try #require(entry["key"] as? String)
                let deleted = try fixture.call("principles", "delete", key, "--all")
                #expect(deleted.output == "deleted: 1\n")
            }
            #expect(try exported().isEmpty)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let again = try fixture.grmctl.run(
                ["principles", "import", "-", "--admin-socket", fixture.grmctl.socket + ".admin"],
                input: text
            )
            try fixture.expectSuccess(again)
            #expect(try exported() as NSArray == all as NSArray)
        }

        @Test("A file with a wrong line imports nothing; refused sets end with 1 and are counted")
        func refuses() throws {
            try fixture.startReady()
            let broken = try file("broken.jsonl", lines(2) + "\n\n{\"key\": 1}\n")
            let outcome = try fixture.call("principles", "import", broken)
            #expect(outcome.status == 2 && outcome.errors.contains("line 4 of "))
            #expect(try exported().isEmpty)
            let wrong = try file("wrong.jsonl", lines(2) + "\n{\"key\": \"zz\"}\n")
            let refused = try fixture.call("principles", "import", wrong)
            #expect(refused.status == 1 && refused.output == "imported: 2, refused: 1\n")
        }

        @Test("SIGKILL at any moment of writing leaves a cache that opens, with whole sets only")
        func survivesKill() throws {
            let settings = ["principles.bytes=1048576"]
            var random = SystemRandomNumberGenerator()
            var daemon = try fixture.startReady(settings)
            var (killedCount, emptyCount, rebuildCount) = (0, 0, 0)
            for round in 0..<Self.roundCount {
                // More than the cache has room for: it also evicts while it is killed.
                let path = try file("round.jsonl", lines(1500, round: round))
                let writer = try RunningProgram(
                    "grmctl",
                    [
                        "principles", "import", path, "--admin-socket",
                        fixture.grmctl.socket + ".admin",
                    ],
                    in: fixture.grmctl.folder
                )
                Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.4, using: &random))
                killedCount += writer.isRunning ? 1 : 0
                daemon.crash()
                #expect(try writer.status() != nil)
                daemon = try fixture.startReady(settings)
                let entries = try exported()
                for entry in entries {
                    let key = try #require(entry["key"] as? String)
                    let parts = try #require(text(entry)).split(separator: " ")
                    let number = try #require(Int(key, radix: 16))
                    try #require(parts.count >= 2 && parts[0] == key)
                    try #require(try #require(Int(parts[1])) <= round)
                    try #require((parts.count > 2 ? parts[2].utf8.count : 0) == number * 37 % 1200)
                }
                emptyCount += entries.isEmpty ? 1 : 0
                rebuildCount += try statistic("rebuilds")
            }
            #expect(killedCount > 0, "nothing was being written when it was killed")
            #expect(emptyCount < Self.roundCount / 2, "hardly anything survived")
            // LMDB's pages are sound after any kill, so a rebuild would be a fault of the check.
            #expect(rebuildCount == 0)
            try fixture.expectSuccess(
                try fixture.call("principles", "import", try file("last", lines(5)))
            )
        }

        @Test("A second daemon on the cache serves without it, and says so")
        func twoDaemons() throws {
            try fixture.startReady()
            let other = try DaemonFixture()
            let second = try other.startReady(
                ["cache_directory=\(fixture.grmctl.folder)/cache"]
            )
            #expect(second.errors.contains("principle cache off"))
            try other.expectSuccess(try other.grmctl.run(other.small(seed: 1)))
            let refused = try other.call("principles", "list")
            #expect(refused.status == 1 && refused.errors.contains("it is off"))
            try fixture.expectSuccess(try fixture.call("principles", "list"))
        }

        @Test("A damaged cache is begun anew at the start, and the daemon serves")
        func damaged() throws {
            let first = try fixture.startReady()
            let path = try file("sets.jsonl", lines(50))
            try fixture.expectSuccess(try fixture.call("principles", "import", path))
            first.crash()
            let cache = folder + "/sets.mdb"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: cache))
            // The number of nodes of every page.
            for page in stride(from: 8192, to: bytes.count, by: 4096) { bytes[page + 12] ^= 0x10 }
            try bytes.write(to: URL(fileURLWithPath: cache))
            let second = try fixture.startReady()
            #expect(second.errors.contains("principle cache begun anew"))
            #expect(try statistic("rebuilds") == 1)
            try fixture.expectSuccess(try fixture.grmctl.run(fixture.small(seed: 1)))
            try fixture.expectSuccess(try fixture.call("principles", "import", path))
            #expect(try statistic("sets") == 50)
        }

        @Test("Where the cache cannot be made or is turned off the daemon serves without it")
        func off() throws {
            let blocked = try file("blocked", "")
            for setting in ["cache_directory=\(blocked)", "principles.bytes=0"] {
                let daemon = try fixture.startReady([setting])
                #expect(daemon.errors.contains("principle cache off"))
                try fixture.expectSuccess(try fixture.grmctl.run(fixture.small(seed: 1)))
                #expect(try fixture.call("principles", "stats").status == 1)
                daemon.crash()
            }
        }
    }
}
