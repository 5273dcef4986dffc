import Foundation
import Testing

@Suite("Imports that are killed")
struct KilledImportTests {
    /// More rounds find rarer moments; a larger model has more of them.
    private static let environment = ProcessInfo.processInfo.environment
    private static let roundCount = environment["GRMD_KILL_ROUNDS"].flatMap(Int.init) ?? 30

    @Test("SIGKILL at any moment leaves no part of a version, and the next import succeeds")
    func survivesKill() throws {
        let grmctl = try Grmctl()
        let model = Self.environment["GRMD_MODEL"] ?? BuiltPrograms.tinyModel
        let clock = ContinuousClock()
        let whole = try clock.measure {
            let outcome = try grmctl.run("import", model, "--name", "first")
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        var random = SystemRandomNumberGenerator()
        var killedCount = 0
        var complete: Set<String> = ["first"]
        for round in 0..<Self.roundCount {
            let name = "round-\(round)"
            // A little beyond the end: also the moments around the last commit.
            let seconds = Double.random(in: 0...1.1, using: &random) * (whole / .seconds(1))
            let isKilled = try grmctl.runAndKill(["import", model, "--name", name], after: seconds)
            killedCount += isKilled ? 1 : 0
            let names = Set(try grmctl.run("list", "--json").versionNames())
            try #require(names.isSubset(of: complete.union([name])))
            try #require(names.isSuperset(of: complete))
            guard names.contains(name) else {
                try #require(isKilled, "an import that ended by itself left nothing")
                continue
            }
            complete.insert(name)
            let verified = try grmctl.run("verify", name)
            try #require(verified.status == 0, "after \(seconds) s: \(verified.errors)")
        }
        #expect(killedCount > 0, "no import was still running when it was killed")
        #expect(try grmctl.run("gc").status == 0)
        #expect(try grmctl.run("import", model, "--name", "last").status == 0)
        #expect(try grmctl.run("verify", "--all").status == 0)
        #expect(try leftovers(grmctl).isEmpty)
    }

    /// What lies beside sealed packs.
    private func leftovers(_ grmctl: Grmctl) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: grmctl.state + "/packs")
            .filter { !$0.hasSuffix(".mdb") }
    }
}
