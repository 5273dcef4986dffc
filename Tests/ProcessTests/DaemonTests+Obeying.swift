import Foundation
import GRPCCore
import Testing
import Wire

extension DaemonTests {
    @Suite("obeys")
    struct Obeying {
        let fixture: DaemonFixture

        init() throws {
            fixture = try DaemonFixture()
        }

        private var socketsThere: [Bool] {
            ["", ".admin"].map {
                FileManager.default.fileExists(atPath: fixture.grmctl.socket + $0)
            }
        }

        @Test("SIGTERM: what is in flight finishes, new requests are refused, it ends with 0")
        func drains() throws {
            let daemon = try fixture.startReady()
            let request = try fixture.startLong(k: 64, tokens: 800)
            daemon.send(SIGTERM)
            #expect(try eventually { daemon.errors.contains("draining") })
            let refused = try fixture.grmctl.run(fixture.small(seed: 1))
            #expect(request.isRunning, "the request was too short to test with")
            #expect(refused.status == 5)
            #expect(refused.errors.contains("one that is stopping"), "\(refused.errors)")
            #expect(try fixture.status()["phase"] as? String == "PHASE_DRAINING")
            #expect(try request.status() == 0, "\(request.errors)")
            let outcome = Grmctl.Outcome(status: 0, output: request.output, errors: "")
            #expect((try outcome.json()["judgments"] as? [Any])?.count == 64)
            #expect(try daemon.status() == 0, "\(daemon.errors)")
            #expect(socketsThere == [false, false])
        }

        @Test("A second SIGTERM ends at once; the request is told that it is stopped")
        func stopsAtOnce() throws {
            let daemon = try fixture.startReady()
            let request = try fixture.startLong(k: 64, tokens: 1500)
            daemon.send(SIGTERM)
            #expect(try eventually { daemon.errors.contains("draining") })
            daemon.send(SIGTERM)
            let begin = Date()
            #expect(try daemon.status() == 0, "\(daemon.errors)")
            #expect(Date().timeIntervalSince(begin) < 3)
            #expect(try request.status() == 5, "\(request.errors)")
            #expect(socketsThere == [false, false])
        }

        @Test("The drain limit ends what does not end by itself")
        func limitsTheDrain() throws {
            let daemon = try fixture.startReady(["drain_seconds=1", "limits.samples=256"])
            let request = try fixture.startLong(k: 256, tokens: 1500)
            daemon.send(SIGINT)
            #expect(try daemon.status() == 0, "\(daemon.errors)")
            #expect(daemon.errors.contains("drain limit reached"))
            #expect(try request.status() == 5, "\(request.errors)")
        }

        @Test("A client that watches the health hears of the end and does not delay it")
        func tellsWatchers() async throws {
            let daemon = try fixture.startReady()
            let identifier = daemon.identifier
            let statuses = try await DaemonClient.connect(to: fixture.grmctl.socket) { client in
                try await client.health.watch(Grpc_Health_V1_HealthCheckRequest()) { response in
                    var statuses: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
                    do {
                        for try await message in response.messages {
                            statuses.append(message.status)
                            if statuses.count == 1 { kill(identifier, SIGTERM) }
                        }
                    } catch {
                        // The daemon's end ends the stream.
                    }
                    return statuses
                }
            }
            #expect(statuses == [.serving, .notServing])
            #expect(try daemon.status(within: 5) == 0, "\(daemon.errors)")
        }

        @Test("A reload, by signal or by call, brings a good file into force and no other")
        func reloads() throws {
            let daemon = try fixture.startReady()
            #expect(try fixture.count("limits", "samples") == 64)
            try fixture.write(configuration: "[limits]\nsamples = 3\n[engine]\nkv_bytes = 10485760")
            let reply = try fixture.call("reload", "--json").json()
            #expect(reply["changed"] as? [String] == ["limits.samples"])
            #expect(reply["needs_restart"] as? [String] == ["engine.kv_bytes"])
            #expect(try fixture.count("limits", "samples") == 3)
            #expect(try fixture.grmctl.run(fixture.small(seed: 1, k: 4)).status == 2)
            #expect(try fixture.grmctl.run(fixture.small(seed: 1, k: 3)).status == 0)

            try fixture.write(configuration: "[limits]\nsamples = 0")
            let refused = try fixture.call("reload", "--json")
            #expect(refused.status != 0)
            #expect(refused.errors.contains("limits.samples"))
            daemon.send(SIGHUP)
            #expect(try eventually { daemon.errors.contains("reload refused") })
            #expect(try fixture.count("limits", "samples") == 3)

            try fixture.write(configuration: "[limits]\nsamples = 5")
            daemon.send(SIGHUP)
            #expect(try eventually { try fixture.count("limits", "samples") == 5 })
            #expect(daemon.isRunning)
        }

        /// Prints each datagram that arrives at a socket, as one line of JSON.
        private static let listener = """
            import json, os, socket, sys
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sock.bind(sys.argv[1])
            sock.settimeout(30)
            print("bound", flush=True)
            while True:
                text = sock.recv(4096).decode()
                print(json.dumps(text), flush=True)
                if "STOPPING=1" in text:
                    break
            """

        @Test("systemd is told: READY, a reload and its end, STOPPING, with a status each")
        func notifies() throws {
            let path = fixture.grmctl.folder + "/notify"
            let listener = Process()
            let output = Pipe()
            listener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            listener.arguments = ["python3", "-c", Self.listener, path]
            listener.standardOutput = output
            try listener.run()
            #expect(try eventually { FileManager.default.fileExists(atPath: path) })
            let daemon = try fixture.startReady(environment: ["NOTIFY_SOCKET": path])
            try fixture.expectSuccess(try fixture.call("reload"))
            daemon.send(SIGTERM)
            #expect(try daemon.status() == 0)
            listener.waitUntilExit()
            let data = try #require(try output.fileHandleForReading.readToEnd())
            let messages = try String(decoding: data, as: UTF8.self).split(separator: "\n")
                .dropFirst().map { line in
                    let options = JSONSerialization.ReadingOptions.fragmentsAllowed
                    let text = try JSONSerialization.jsonObject(
                        with: Data(line.utf8),
                        options: options
                    )
                    return (text as? String ?? "").split(separator: "\n").map(String.init)
                }
            try #require(messages.count == 5, "\(messages)")
            #expect(messages[0] == ["STATUS=verifying the active version"])
            #expect(messages[1] == ["READY=1", "STATUS=serving a"])
            #expect(messages[2].first == "RELOADING=1")
            #expect(messages[2].last?.hasPrefix("MONOTONIC_USEC=") == true)
            #expect(messages[3] == ["READY=1", "STATUS=serving a"])
            #expect(messages[4] == ["STOPPING=1", "STATUS=draining"])
        }
    }
}
