import Foundation
import Testing

@Suite("What grmctl refuses, and how")
struct GrmctlRefusalTests {
    let grmctl: Grmctl

    init() throws {
        grmctl = try Grmctl()
    }

    @Test(
        "A wrong command line ends with 2 and says so as JSON too",
        arguments: [
            ["bogus"], ["import"], ["list", "--bogus"], ["verify"], ["verify", "a", "--all"],
            ["score"], ["score", "--prompt", "x"], ["score", "--prompt", "x", "--file", "y"],
            ["score", "--prompt", "x", "--response", "y", "--k", "-1"], ["gc", "--grace", "-1"],
            ["score", "--prompt", "x", "--response", "y", "--timeout", "nan"],
            ["drain", "--seconds", "0"], ["import", "x", "--format", "q9"],
            ["import", "x", "--sha256", "12"], ["import", "x", "--name", "a b"],
            ["principles", "show", "xyz"], ["principles", "pin", "0123456"],
            ["principles", "delete", "01234567"], ["principles", "edit", "01234567", "a"],
            ["principles", "delete", "01234567", "a", "--all"],
            ["principles", "edit", "01234567", "a", "--principle", "x", "--weight", "y"],
        ]
    )
    func refusesUsage(arguments: [String]) throws {
        let outcome = try grmctl.run(arguments + ["--json"])
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(try outcome.error()["code"] as? String == "usage")
    }

    @Test("Help, of grmctl and of every verb, ends with 0 and has an example")
    func helps() throws {
        let verbs = [
            "import", "list", "show", "activate", "rollback", "status", "score", "reload",
            "drain", "verify", "gc", "principles", "replay", "prompts",
        ]
        let overview = try grmctl.run("--help")
        #expect(overview.status == 0)
        for verb in verbs {
            #expect(overview.output.contains("  \(verb) "))
            let help = try grmctl.run(verb, "--help")
            #expect(help.status == 0)
            #expect(help.output.contains("Example"), "\(verb)")
        }
        for verb in ["list", "show", "pin", "edit", "delete", "export", "import", "stats"] {
            let help = try grmctl.run("principles", verb, "--help")
            #expect(help.status == 0 && help.output.contains("Example"), "\(verb)")
        }
        let script = try grmctl.run("--generate-completion-script", "bash")
        #expect(script.status == 0 && script.output.contains("complete "))
    }

    @Test("A store or a version that is not there ends with 4 and says what there is")
    func missesThings() throws {
        for verb in [["list"], ["show", "x"], ["verify", "--all"], ["gc"]] {
            let outcome = try grmctl.run(verb + ["--json"])
            #expect(outcome.status == 4, "\(verb)")
            let subject = try outcome.error()["subject"] as? String
            #expect(subject?.hasPrefix(grmctl.state) == true)
        }
        #expect(!FileManager.default.fileExists(atPath: grmctl.state), "a reader made a store")
        #expect(try grmctl.run("import", grmctl.folder + "/none.gguf").status == 4)
        #expect(try grmctl.run("list", "--json").versionNames() == [])
        #expect(try grmctl.run("import", BuiltPrograms.tinyModel, "--name", "it").status == 0)
        for verb in [["show", "x"], ["activate", "x", "--offline"], ["verify", "x"]] {
            let outcome = try grmctl.run(verb)
            #expect(outcome.status == 4, "\(verb)")
            #expect(outcome.errors.contains("only it"))
        }
    }

    @Test("A name in use for another model ends with 1 and leaves what is there")
    func keepsNames() throws {
        let file = BuiltPrograms.tinyModel
        #expect(try grmctl.run("import", file, "--name", "it").status == 0)
        let before = try grmctl.run("list", "--json").output
        #expect(try grmctl.run("import", file, "--name", "it", "--format", "q4").status == 1)
        #expect(try grmctl.run("list", "--json").output == before)
    }

    @Test("Model files that are not what they should be are refused and leave nothing")
    func refusesFiles() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: BuiltPrograms.tinyModel))
        let cases: [(String, Data, Int32)] = [
            ("empty", Data(), 3), ("text", Data("not a model at all".utf8), 3),
            ("magic", Data("GGUF".utf8), 3), ("half", whole.prefix(whole.count / 2), 3),
            ("header", whole.prefix(100), 3),
        ]
        for (name, bytes, status) in cases {
            let path = "\(grmctl.folder)/\(name).gguf"
            try bytes.write(to: URL(fileURLWithPath: path))
            let outcome = try grmctl.run("import", path, "--json")
            #expect(outcome.status == status, "\(name): \(outcome.errors)")
            #expect(try outcome.error()["found"] as? String != "")
        }
        #expect(try grmctl.run("import", grmctl.folder).status == 1)
        let wrong = String(repeating: "0", count: 64)
        let digest = try grmctl.run("import", BuiltPrograms.tinyModel, "--sha256", wrong)
        #expect(digest.status == 3)
        #expect(try grmctl.run("list", "--json").versionNames() == [])
        let left = try FileManager.default.contentsOfDirectory(atPath: grmctl.state + "/packs")
        #expect(left.isEmpty)
    }

    @Test("Without a daemon every call ends with 69 and says where it looked and how to start one")
    func reachesNobody() throws {
        let score = ["score", "--prompt", "x", "--response", "-y"]
        for verb in [["status"], ["reload"], ["drain"], ["activate", "x"], ["rollback"], score] {
            let outcome = try grmctl.run(verb)
            #expect(outcome.status == 69, "\(verb): \(outcome.errors)")
            let socket = verb == score ? grmctl.socket : grmctl.adminSocket
            #expect(outcome.errors.contains(socket))
            #expect(outcome.errors.contains("systemctl start grmd"))
        }
        _ = FileManager.default.createFile(atPath: grmctl.adminSocket, contents: nil)
        let outcome = try grmctl.run("status", "--json")
        #expect(outcome.status == 69)
        #expect(try outcome.error()["found"] as? String == "a file that is not a socket")
    }

    @Test("A request file that is not one ends with 2 and names the line")
    func refusesRequests() throws {
        let good = #"{"conversation": [{"role": "ROLE_USER", "content": "x"}]}"#
        for (text, place) in [
            ("", "standard input"), ("nonsense", "standard input"),
            (#"{"unknown": 1}"#, "standard input"), ("\(good)\n{\"k_max\": -1}\n", "line 2"),
        ] {
            let outcome = try grmctl.run("score", "--json", "-", input: text)
            #expect(outcome.status == 2, "\(text): \(outcome.errors)")
            #expect(try (outcome.error()["subject"] as? String)?.contains(place) == true)
        }
        #expect(try grmctl.run("score", grmctl.folder + "/none.json").status == 4)
        for text in [good, "\(good)\n\(good)\n", "{\n\"seed\": \"7\"\n}\n"] {
            #expect(try grmctl.run("score", "-", input: text).status == 69)
        }
    }
}
