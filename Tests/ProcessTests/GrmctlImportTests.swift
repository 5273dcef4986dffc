import Foundation
import Testing

@Suite("grmctl import of heads and adapters")
struct GrmctlImportTests {
    private let grmctl: Grmctl

    init() throws { grmctl = try Grmctl() }

    /// A folder with a probe for states of 64 numbers.
    private func probe() throws -> String {
        let header =
            #"{"probe.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
            + #""probe.weight":{"dtype":"F32","shape":[1,64],"data_offsets":[4,260]}}"#
        var bytes = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0])
        bytes += Data(header.utf8) + Data(count: 260)
        let path = grmctl.folder + "/probe"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        try bytes.write(to: URL(fileURLWithPath: path + "/probe.safetensors"))
        return path
    }

    @Test("A probe goes onto a version, and what comes of it is shown, verified and kept")
    func importsProbe() throws {
        let model = BuiltPrograms.tinyModel
        let first = try grmctl.run("import", model, "--name", "tiny", "--format", "q8", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let template = grmctl.folder + "/template.txt"
        try Data("Judge.".utf8).write(to: URL(fileURLWithPath: template))
        let second = try grmctl.run(
            "import",
            probe(),
            "--onto",
            "tiny",
            "--name",
            "probed",
            "--role",
            "grm",
            "--prompt-template",
            template,
            "--quantize",
            "q8"
        )
        #expect(second.status == 0, "\(second.errors)")
        let summary = try #require(try first.json()["summary"] as? [String: Any])
        let shown = try grmctl.run("show", "probed", "--json").json()
        let details = try #require(shown["details"] as? [String: String])
        #expect(details["scalar_heads"] == "probe")
        #expect(details["role"] == "grm")
        #expect(details["prompt_template"] == "its own")
        let parent = try #require(shown["summary"] as? [String: Any])["parent"] as? String
        #expect(parent == summary["digest"] as? String)
        #expect(try grmctl.run("gc").output.contains("nothing to remove"))
        let verified = try grmctl.run("verify", "--all")
        #expect(verified.status == 0)
        #expect(verified.output.contains("probed: 13 tensors, sound"))
    }

    @Test("Options that do not fit together end with the code of wrong usage")
    func refusesUsage() throws {
        let path = try probe()
        let model = BuiltPrograms.tinyModel
        #expect(try grmctl.run("import", model, "--name", "tiny").status == 0)
        for arguments in [
            ["import", path], ["import", model, "--name", "b", "--role", "meta-rm"],
            ["import", model, "--name", "b", "--onto", "tiny"],
            ["import", model, "--name", "b", "--meta-threshold", "0.5"],
            ["import", model, "--name", "b", "--role", "judge"],
        ] {
            #expect(try grmctl.run(arguments).status == 2, "\(arguments)")
        }
        #expect(try grmctl.run("import", path, "--onto", "nobody").status == 4)
        #expect(try grmctl.run("list", "--json").versionNames() == ["tiny"])
    }
}
