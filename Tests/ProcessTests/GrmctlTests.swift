import Foundation
import Testing

@Suite("grmctl without a daemon")
struct GrmctlTests {
    let grmctl: Grmctl

    init() throws {
        grmctl = try Grmctl()
    }

    private func importTiny(_ name: String, format: String = "keep") throws {
        let outcome = try grmctl.run(
            "import",
            BuiltPrograms.tinyModel,
            "--name",
            name,
            "--format",
            format
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func activeNames() throws -> [String] {
        let versions = try grmctl.run("list", "--json").json()["versions"] as? [[String: Any]]
        return try #require(versions).filter { $0["active"] as? Bool == true }
            .compactMap { $0["name"] as? String }
    }

    @Test("An imported version is listed and shown, and importing it again changes nothing")
    func importsAndLists() throws {
        let first = try grmctl.run("import", BuiltPrograms.tinyModel, "--name", "tiny", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let summary = try #require(try first.json()["summary"] as? [String: Any])
        #expect(summary["parameters"] as? String == "49344")
        let digest = try #require(summary["digest"] as? String)
        let again = try grmctl.run("import", BuiltPrograms.tinyModel, "--name", "tiny", "--json")
        #expect(again.output == first.output)
        #expect(try grmctl.run("list", "--json").versionNames() == ["tiny"])
        let shown = try grmctl.run(
            "show",
            String(digest.prefix(8)),
            "--tensors",
            "--json"
        )
        let tensors = try #require(try shown.json()["tensors"] as? [[String: Any]])
        #expect(tensors.count == 11)
        #expect(tensors.allSatisfy { ($0["digest"] as? String)?.count == 64 })
        let table = try grmctl.run("list").output
        #expect(table.contains("tiny") && table.contains(digest.prefix(12)))
        #expect(!table.contains("\u{1b}"), "colours, though the output is no terminal")
    }

    @Test("Options of every verb stand before or after it")
    func takesOptionsAnywhere() throws {
        let other = grmctl.folder + "/other"
        let file = BuiltPrograms.tinyModel
        #expect(try grmctl.run("--state", other, "import", file, "--name", "a").status == 0)
        #expect(try grmctl.run("import", file, "--name", "b", "--state", other).status == 0)
        let before = try grmctl.run("--json", "--state", other, "list")
        let after = try grmctl.run("list", "--state", other, "--json")
        #expect(try before.versionNames() == ["a", "b"])
        #expect(before.output == after.output)
        #expect(!FileManager.default.fileExists(atPath: grmctl.state))
    }

    @Test("Progress for programs names every tensor and ends with done")
    func tellsProgress() throws {
        let outcome = try grmctl.run(
            "import",
            BuiltPrograms.tinyModel,
            "--progress",
            "json",
            "--json"
        )
        let lines = try outcome.errors.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
        }
        #expect(Set(lines.compactMap { $0["tensor"] as? String }).count == 12)  // 11 and none
        #expect(lines.last?["phase"] as? String == "done")
        #expect(lines.last?["bytes_done"] as? Int == lines.last?["bytes_total"] as? Int)
        #expect(try grmctl.run("import", BuiltPrograms.tinyModel).errors.isEmpty)
    }

    @Test("Offline, activate and rollback move the mark between verified versions")
    func activatesOffline() throws {
        try importTiny("one")
        try importTiny("two", format: "q8")
        #expect(try activeNames() == [])
        try grmctl.importFilter("filter", onto: "one")
        #expect(try grmctl.run("rollback", "--offline").status == 4)
        #expect(try grmctl.run("activate", "filter", "--offline").status == 2)
        let unfit = try grmctl.run("activate", "one", "--meta-rm", "two", "--offline")
        #expect(unfit.status == 2 && unfit.errors.contains("the role meta-rm"))
        #expect(try grmctl.run("activate", "one", "--offline").status == 0)
        #expect(try activeNames() == ["one"])
        let reply = try grmctl.run(
            "activate",
            "two",
            "--meta-rm",
            "filter",
            "--offline",
            "--reason",
            "why",
            "--json"
        ).json()
        let deployment = try #require(reply["deployment"] as? [String: Any])
        #expect(deployment["number"] as? String == "2")
        #expect(deployment["reason"] as? String == "why")
        #expect((deployment["meta_rm"] as? [String: Any])?["name"] as? String == "filter")
        #expect(try activeNames() == ["filter", "two"])
        let back = try grmctl.run("rollback", "--offline")
        #expect(back.status == 0 && back.output.contains("rollback to deployment 1"))
        #expect(try activeNames() == ["one"])
        #expect(try grmctl.run("rollback", "--offline").status == 0)
        #expect(try activeNames() == ["filter", "two"])
    }

    @Test("Offline changes are refused while a daemon holds the state")
    func leavesTheDaemonAlone() throws {
        try importTiny("one")
        let lock = try #require(FileHandle(forReadingAtPath: grmctl.state))
        try #require(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
        let refused = try grmctl.run("activate", "one", "--offline", "--json")
        #expect(refused.status == 5)
        #expect(try refused.error()["code"] as? String == "busy")
        #expect(try activeNames() == [])
        try lock.close()
        #expect(try grmctl.run("activate", "one", "--offline").status == 0)
    }

    @Test("A damaged pack is found, is not activated, and verify still reads the other versions")
    func findsDamage() throws {
        try importTiny("good", format: "q8")
        let before = try packs()
        try importTiny("hurt")
        let pack = try #require(Set(try packs()).subtracting(before).first)
        #expect(try grmctl.run("verify", "--all").status == 0)
        try flipByte(of: pack)
        let outcome = try grmctl.run("verify", "--all", "--json")
        #expect(outcome.status == 3)
        let findings = try #require(try outcome.json()["verified"] as? [[String: Any]])
        #expect(findings.map { $0["name"] as? String } == ["good", "hurt"])
        #expect(findings.map { ($0["faults"] as? [String])?.isEmpty } == [true, false])
        #expect(try outcome.error()["code"] as? String == "corrupt")
        #expect(try grmctl.run("activate", "hurt", "--offline").status == 3)
        #expect(try activeNames() == [])
        try FileManager.default.removeItem(atPath: pack)
        #expect(try grmctl.run("verify", "hurt").status == 3)
        #expect(try grmctl.run("verify", "good").status == 0)
    }

    @Test("gc removes what no version needs, and nothing else")
    func collects() throws {
        try importTiny("kept")
        let before = try packs()
        for name in ["\(String(repeating: "a", count: 64)).mdb", "x.tmp"] {
            let path = "\(grmctl.state)/packs/\(name)"
            _ = FileManager.default.createFile(atPath: path, contents: Data([1]))
        }
        let young = try grmctl.run("gc", "--grace", "3600", "--json").json()
        #expect((young["removed"] as? [String])?.isEmpty == true)
        #expect(try packs().count > before.count)
        #expect(try grmctl.run("gc").status == 0)
        #expect(try packs() == before)
        #expect(try grmctl.run("verify", "kept").status == 0)
    }

    private func packs() throws -> [String] {
        let folder = grmctl.state + "/packs"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { "\(folder)/\($0)" }.sorted()
    }

    /// Changes a byte in the middle, which lies in a tensor.
    private func flipByte(of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let middle = try file.seekToEnd() / 2
        try file.seek(toOffset: middle)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: middle)
        try file.write(contentsOf: Data([byte ^ 0xff]))
        try file.close()
    }
}
