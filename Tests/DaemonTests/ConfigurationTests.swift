import Foundation
import Testing

@testable import Daemon

@Suite("The configuration")
struct ConfigurationTests {
    private func configuration(_ settings: [String: String]) throws -> Configuration {
        var layers = ConfigurationLayers()
        for (key, value) in settings { try layers.set(key, to: value, source: "test") }
        return try Configuration(layers)
    }

    private func refusal(_ body: () throws -> Void) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) { try body() }
    }

    @Test("Without a layer every setting has its default")
    func hasDefaults() throws {
        let configuration = try Configuration(ConfigurationLayers())
        #expect(configuration.stateDirectory == "/var/lib/grmd")
        #expect(configuration.cacheDirectory == "/var/cache/grmd")
        #expect(configuration.drainSeconds == 30)
        #expect(configuration.logLevel == "info")
        #expect(
            configuration.scoringSocket == .init(path: "/run/grmd/score.sock", mode: 0o660)
        )
        #expect(configuration.adminSocket == .init(path: "/run/grmd/admin.sock", mode: 0o600))
        #expect(configuration.requestsMax == 256)
        #expect(configuration.tokensMax == 1_000_000)
        #expect(configuration.samplesMax == 64)
        #expect(configuration.connectionsMax == 512)
        #expect(configuration.requestBytesMax == 8 << 20)
        #expect(configuration.threadCount == ProcessInfo.processInfo.activeProcessorCount)
        #expect(configuration.keyValueBytesMax == 1 << 30)
    }

    @Test("Flags win over the environment, and that over the file")
    func layersInOrder() throws {
        var layers = ConfigurationLayers()
        try layers.add(
            toml: """
                drain_seconds = 1
                log_level = "debug"
                [limits]
                requests = 11
                samples = 12
                """,
            source: "file"
        )
        layers.add(
            environment: [
                "GRMD_LIMITS_REQUESTS": "21", "GRMD_LOG_LEVEL": "error",
                "GRMD_ENGINE_KV_BYTES": "1048576", "GRMD_STATE": "/elsewhere", "PATH": "/bin",
            ]
        )
        try layers.set("log_level", to: "trace", source: "flag")
        let configuration = try Configuration(layers)
        #expect(configuration.drainSeconds == 1)
        #expect(configuration.samplesMax == 12)
        #expect(configuration.requestsMax == 21)
        #expect(configuration.keyValueBytesMax == 1 << 20)
        #expect(configuration.logLevel == "trace")
        #expect(configuration.stateDirectory == "/var/lib/grmd")
    }

    @Test("Every setting is reached by its name in the file, the environment and a flag")
    func reachesEverySetting() throws {
        let values: [Configuration.Key: String] = [
            .stateDirectory: "/a", .cacheDirectory: "/b", .drainSeconds: "5", .logLevel: "error",
            .scoringPath: "/c", .scoringMode: "0666", .scoringGroup: "g", .adminPath: "/d",
            .adminMode: "0640", .adminGroup: "h", .requests: "7", .tokens: "2048", .samples: "9",
            .connections: "6", .requestBytes: "8192", .threads: "3", .keyValueBytes: "2097152",
            .principleBytes: "1048576", .principleSeconds: "60", .principleSets: "2",
            .freshShare: "0.5", .queueSeconds: "4",
        ]
        #expect(Set(values.keys) == Set(Configuration.Key.allCases))
        let flags = try configuration(
            Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) })
        )
        var environment = ConfigurationLayers()
        environment.add(
            environment: Dictionary(uniqueKeysWithValues: values.map { ($0.variable, $1) })
        )
        var file = ConfigurationLayers()
        // A dotted key of TOML is a key of a table.
        let lines = values.map { "\($0.rawValue) = \"\($1)\"" }
        try file.add(toml: lines.joined(separator: "\n"), source: "file")
        #expect(try Configuration(environment) == flags)
        #expect(try Configuration(file) == flags)
        #expect(flags.adminSocket == .init(path: "/d", mode: 0o640, group: "h"))
        #expect(flags.keyValueBytesMax == 2 << 20)
    }

    @Test("The shipped file names every setting with its default; only groups are its own")
    func shipsDefaults() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "systemd/grmd.toml").path
        var layers = ConfigurationLayers()
        try layers.add(file: path)
        var shipped = try Configuration(layers)
        #expect(shipped.scoringSocket.group == "grmd")
        #expect(shipped.adminSocket.group == "grmd")
        shipped.scoringSocket.group = nil
        shipped.adminSocket.group = nil
        #expect(shipped == (try Configuration(ConfigurationLayers())))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for key in Configuration.Key.allCases {
            let name = key.rawValue.split(separator: ".").last ?? ""
            #expect(text.contains("\(name) = "), "\(key.rawValue)")
        }
    }

    @Test("A misspelt setting is refused, wherever it stands, with the names that there are")
    func refusesUnknownKeys() throws {
        var layers = ConfigurationLayers()
        for text in ["drian_seconds = 1", "[limits]\nrequest = 1", "[limit]\nrequests = 1"] {
            let error = try refusal { try layers.add(toml: text, source: "/x.toml") }
            #expect(error.source == "/x.toml")
            #expect(error.expected.contains("drain_seconds, "))
            #expect(error.found == "an unknown key")
        }
        let error = try refusal { try layers.set("limits", to: "1", source: "--set") }
        #expect("\(error)".hasPrefix("--set: limits: expected one of state_directory, "))
        #expect(try Configuration(layers) == (try Configuration(ConfigurationLayers())))
    }

    @Test("What is not TOML, or not a text or number in it, is refused")
    func refusesSyntax() throws {
        var layers = ConfigurationLayers()
        let syntax = try refusal { try layers.add(toml: "drain_seconds = ", source: "f") }
        #expect(syntax.key == "syntax")
        let odd = ["true", "[1, 2]", "1979-05-27", "{ a = 1 }"]
        for value in odd {
            let error = try refusal {
                try layers.add(toml: "drain_seconds = \(value)", source: "f")
            }
            #expect(error.key.hasPrefix("drain_seconds"), "\(value)")
        }
        let file = try refusal { try layers.add(file: "/nonexistent/grmd.toml") }
        #expect(file.source == "/nonexistent/grmd.toml")
        #expect(file.expected == "a readable text file")
    }

    private static let integers: [(Configuration.Key, ClosedRange<Int>)] = [
        (.drainSeconds, 0...86_400), (.requests, 1...65_536), (.tokens, 1024...1 << 40),
        (.samples, 1...256), (.connections, 2...65_536), (.requestBytes, 4096...1 << 26),
        (.threads, 0...1024),
        (.keyValueBytes, 1 << 20...1 << 44),
        (.principleSeconds, 60...315_360_000), (.principleSets, 1...64),
    ]

    @Test(
        "A number outside its bounds is refused with them; the bounds are not",
        arguments: integers
    )
    func boundsNumbers(key: Configuration.Key, range: ClosedRange<Int>) throws {
        for value in [range.lowerBound, range.upperBound] {
            #expect(throws: Never.self) { try configuration([key.rawValue: "\(value)"]) }
        }
        let wrong = [
            "\(range.lowerBound - 1)", "\(range.upperBound + 1)", "", "x", "1.5", "1e3", " 7",
            "99999999999999999999",
        ]
        for value in wrong {
            let error = try refusal { _ = try configuration([key.rawValue: value]) }
            #expect(error.source == "test")
            #expect(error.key == key.rawValue)
            #expect(
                error.expected
                    == "a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
            #expect(error.found == "\"\(value)\"")
        }
    }

    @Test("The principle cache has its settings, which a file may give as fractions too")
    func setsPrinciples() throws {
        let standard = try configuration([:])
        #expect(standard.principleBytesMax == 64 << 20 && standard.principleSeconds == 2_592_000)
        #expect(standard.principleSetsPerKey == 16 && standard.freshShare == 0.25)
        var layers = ConfigurationLayers()
        try layers.add(toml: "[principles]\nbytes = 0\nfresh_share = 0.5", source: "f")
        let given = try Configuration(layers)
        #expect(given.principleBytesMax == 0 && given.freshShare == 0.5)
        #expect(Set(given.changes(from: standard)) == [.principleBytes, .freshShare])
        try layers.add(toml: "principles.fresh_share = 1\ndrain_seconds = 1.5", source: "g")
        let fraction = try refusal { _ = try Configuration(layers) }
        #expect(fraction.key == "drain_seconds" && fraction.found == "\"1.5\"")
    }

    @Test("A share is a number from 0 to 1", arguments: ["-0.1", "1.01", "nan", "inf", "", "x"])
    func boundsShares(text: String) throws {
        let error = try refusal { _ = try configuration(["principles.fresh_share": text]) }
        #expect(error.expected == "a number from 0.0 to 1.0")
    }

    @Test("A cache is off or has room", arguments: ["1", "-1", "1048575", "4294967297"])
    func boundsCache(text: String) throws {
        let error = try refusal { _ = try configuration(["principles.bytes": text]) }
        #expect(error.expected == "a whole number from 1048576 to 4294967296, or 0 for none")
    }

    private static let texts: [(Configuration.Key, String, String)] = [
        (.scoringMode, "0888", "permission bits in octal, such as \"0660\""),
        (.scoringMode, "1777", "permission bits in octal, such as \"0660\""),
        (.adminMode, "", "permission bits in octal, such as \"0660\""),
        (.adminMode, "rw-", "permission bits in octal, such as \"0660\""),
        (
            .logLevel, "verbose",
            "one of trace, debug, info, notice, warning, error, critical"
        ),
        (.logLevel, "", "one of trace, debug, info, notice, warning, error, critical"),
        (.stateDirectory, "state", "an absolute path"),
        (.cacheDirectory, "", "an absolute path"),
        (.scoringPath, "score.sock", "an absolute path"),
    ]

    @Test(
        "A text that is not what it should be is refused with what it should be",
        arguments: texts
    )
    func refusesTexts(key: Configuration.Key, value: String, expected: String) throws {
        let error = try refusal { _ = try configuration([key.rawValue: value]) }
        #expect(error.key == key.rawValue)
        #expect(error.expected == expected)
        #expect(error.found == "\"\(value)\"")
        #expect("\(error)" == "test: \(key.rawValue): expected \(expected), found \"\(value)\"")
    }

    @Test("A socket's path has at most 107 bytes, as the kernel's 108 hold a final zero")
    func boundsSocketPaths() throws {
        for key in [Configuration.Key.scoringPath, .adminPath] {
            let longest = "/" + String(repeating: "s", count: 106)
            #expect(throws: Never.self) { try configuration([key.rawValue: longest]) }
            // Bytes, not characters.
            for path in [longest + "s", "/" + String(repeating: "é", count: 54)] {
                let error = try refusal { _ = try configuration([key.rawValue: path]) }
                #expect(error.expected == "a path of at most 107 bytes")
            }
        }
    }

    @Test("Two sockets at one path are refused")
    func refusesEqualPaths() throws {
        let error = try refusal {
            _ = try configuration(["admin_socket.path": "/run/grmd/score.sock"])
        }
        #expect(error.key == "admin_socket.path")
        #expect(error.expected == "another path than scoring_socket.path")
        #expect(error.found == "/run/grmd/score.sock")
    }

    @Test("Changes are named one by one, and those that a reload can make are known")
    func namesChanges() throws {
        let old = try configuration([:])
        let changed: [Configuration.Key: String] = [
            .stateDirectory: "/a", .cacheDirectory: "/b", .drainSeconds: "5", .logLevel: "error",
            .scoringPath: "/c", .adminPath: "/d", .requests: "7", .tokens: "2048", .samples: "9",
            .connections: "6", .requestBytes: "8192", .threads: "1000", .keyValueBytes: "2097152",
            .principleBytes: "0", .principleSeconds: "60", .principleSets: "2", .freshShare: "1",
            .queueSeconds: "2.5",
        ]
        for (key, value) in changed {
            let new = try configuration([key.rawValue: value])
            #expect(new.changes(from: old) == [key])
            #expect(old.changes(from: old).isEmpty)
        }
        let mode = try configuration(["scoring_socket.mode": "0600"])
        #expect(mode.changes(from: old) == [.scoringPath])
        #expect(
            Configuration.reloadable == [
                .drainSeconds, .logLevel, .requests, .tokens, .queueSeconds, .samples, .freshShare,
            ]
        )
    }
}
