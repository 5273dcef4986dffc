import Foundation
import Testing
import Wire

extension DaemonTests {
    @Suite("refuses")
    struct Refusing {
        private func pack(_ fixture: DaemonFixture) throws -> URL {
            let packs = URL(fileURLWithPath: fixture.grmctl.state + "/packs")
            let files = try FileManager.default.contentsOfDirectory(
                at: packs,
                includingPropertiesForKeys: [.fileSizeKey]
            )
            // The numbers of "a" are as they are in the file, four bytes each: the larger pack.
            let sizes = try files.filter { $0.pathExtension == "mdb" }.map { file in
                (file, try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
            }
            let largest = try #require(sizes.max { $0.1 < $1.1 }).0
            let writable: [FileAttributeKey: Any] = [.posixPermissions: 0o640]
            try FileManager.default.setAttributes(writable, ofItemAtPath: largest.path)
            return largest
        }

        @Test("A pack that is cut short or changed stops the start, with what was found")
        func refusesDamage() throws {
            let fixture = try DaemonFixture()
            let file = try pack(fixture)
            let whole = try Data(contentsOf: file)
            var flipped = whole
            flipped[whole.count / 2] ^= 1
            for bytes in [whole.prefix(whole.count / 2), Data(), flipped] {
                try bytes.write(to: file)
                let daemon = try fixture.start()
                #expect(try daemon.status() == 1)
                let line = daemon.errors.split(separator: "\n").last ?? ""
                #expect(line.hasPrefix("grmd: version a: expected "), "\(line)")
                #expect(line.contains("grmctl verify a"))
                #expect(!FileManager.default.fileExists(atPath: fixture.grmctl.socket))
            }
            try whole.write(to: file)
            try fixture.startReady()
            #expect(try fixture.grmctl.run(fixture.small(seed: 1)).status == 0)
        }

        private func isHealthy(_ socket: String) async throws -> Bool {
            try await DaemonClient.connect(to: socket) { daemon in
                let options = DaemonClient.options(timeout: .seconds(10))
                let request = Grpc_Health_V1_HealthCheckRequest()
                return try await daemon.health.check(request, options: options).status == .serving
            }
        }

        @Test("Without a deployment it runs, is not healthy and says what is missing")
        func runsWithoutADeployment() async throws {
            let fixture = try DaemonFixture(isActive: false)
            let daemon = try fixture.startReady()
            #expect(try await isHealthy(fixture.grmctl.socket) == false)
            let outcome = try fixture.grmctl.run(fixture.small(seed: 1))
            #expect(outcome.status == 1)
            #expect(try outcome.error()["advice"] as? String != "")
            #expect(outcome.errors.contains("grmctl activate"))
            #expect(try fixture.status()["deployment"] == nil)
            try fixture.expectSuccess(try fixture.call("activate", "b"))
            #expect(try await isHealthy(fixture.grmctl.socket))
            #expect(try fixture.grmctl.run(fixture.small(seed: 1)).status == 0)
            #expect(daemon.isRunning)
        }

        @Test("A configuration with a fault ends it with 78 and the key")
        func refusesConfiguration() throws {
            let fixture = try DaemonFixture(isActive: false)
            for text in ["drain_seconds = -1", "drian_seconds = 1", "drain_seconds = "] {
                try fixture.write(configuration: text)
                let daemon = try fixture.start()
                #expect(try daemon.status() == 78)
                #expect(daemon.errors.hasPrefix("grmd: \(fixture.configurationFile): "))
            }
            try fixture.write(configuration: "")
            let daemon = try fixture.start(["limits.requests=0"])
            #expect(try daemon.status() == 78)
            #expect(daemon.errors.contains("limits.requests: expected a whole number from 1 to"))
        }
    }
}
