import Foundation

/// Everything that a running grmd was told, checked once.
package struct Configuration: Hashable, Sendable {
    /// A socket to listen on where systemd passes none.
    package struct Socket: Hashable, Sendable {
        package var path: String
        /// Permission bits of the socket's file.
        package var mode: UInt16
        /// Group of the socket's file; nil leaves the process's group.
        package var group: String?
    }

    package var stateDirectory: String
    package var cacheDirectory: String
    package var drainSeconds: Double
    package var logLevel: String
    package var scoringSocket: Socket
    package var adminSocket: Socket
    /// Requests admitted at once, and the tokens that all of them may come to.
    package var requestsMax: Int
    package var tokensMax: Int
    /// The wait of a judgment at which load leaves a request no more than k_min of them.
    package var queueSeconds: Double
    /// Connections open at once, on both sockets together.
    package var connectionsMax: Int
    /// Judgments of one request.
    package var samplesMax: Int
    /// Bytes of one request message.
    package var requestBytesMax: Int
    /// Compute threads; 0 in the file means one for each core.
    package var threadCount: Int
    package var keyValueBytesMax: Int
    /// Bytes of kept principles; 0 turns the cache off.
    package var principleBytesMax: Int
    /// How long after it was written a set of principles is used.
    package var principleSeconds: Int
    /// Sets of principles of one question.
    package var principleSetsPerKey: Int
    /// Share of the pairs of judgments that has principles written anew although there are kept ones.
    package var freshShare: Double

    /// The settings by name; the names are those of the file.
    package enum Key: String, CaseIterable, Sendable {
        case stateDirectory = "state_directory"
        case cacheDirectory = "cache_directory"
        case drainSeconds = "drain_seconds"
        case logLevel = "log_level"
        case scoringPath = "scoring_socket.path"
        case scoringMode = "scoring_socket.mode"
        case scoringGroup = "scoring_socket.group"
        case adminPath = "admin_socket.path"
        case adminMode = "admin_socket.mode"
        case adminGroup = "admin_socket.group"
        case requests = "limits.requests"
        case tokens = "limits.tokens"
        case queueSeconds = "limits.queue_seconds"
        case connections = "limits.connections"
        case samples = "limits.samples"
        case requestBytes = "limits.request_bytes"
        case threads = "engine.threads"
        case keyValueBytes = "engine.kv_bytes"
        case principleBytes = "principles.bytes"
        case principleSeconds = "principles.ttl_seconds"
        case principleSets = "principles.sets_per_key"
        case freshShare = "principles.fresh_share"

        /// The environment variable that sets it, such as GRMD_LIMITS_REQUESTS.
        package var variable: String {
            "GRMD_" + rawValue.uppercased().replacingOccurrences(of: ".", with: "_")
        }
    }

    /// Takes each setting from the last layer that has it, else its default.
    ///
    /// - Throws: `ConfigurationError` for the first value that does not fit.
    package init(_ layers: ConfigurationLayers) throws(ConfigurationError) {
        stateDirectory = try layers.path(.stateDirectory, or: "/var/lib/grmd")
        cacheDirectory = try layers.path(.cacheDirectory, or: "/var/cache/grmd")
        drainSeconds = Double(try layers.integer(.drainSeconds, 0...86_400, or: 30))
        logLevel = try layers.choice(.logLevel, Self.logLevels, or: "info")
        scoringSocket = Socket(
            path: try layers.socketPath(.scoringPath, or: "/run/grmd/score.sock"),
            mode: try layers.mode(.scoringMode, or: 0o660),
            group: layers.text(.scoringGroup)
        )
        adminSocket = Socket(
            path: try layers.socketPath(.adminPath, or: "/run/grmd/admin.sock"),
            mode: try layers.mode(.adminMode, or: 0o600),
            group: layers.text(.adminGroup)
        )
        requestsMax = try layers.integer(.requests, 1...65_536, or: 256)
        tokensMax = try layers.integer(.tokens, 1024...1 << 40, or: 1_000_000)
        queueSeconds = try layers.number(.queueSeconds, 0.01...86_400, or: 30)
        connectionsMax = try layers.integer(.connections, 2...65_536, or: 512)
        samplesMax = try layers.integer(.samples, 1...256, or: 64)
        requestBytesMax = try layers.integer(.requestBytes, 4096...1 << 26, or: 8 << 20)
        let threads = try layers.integer(.threads, 0...1024, or: 0)
        threadCount = threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads
        keyValueBytesMax = try layers.integer(.keyValueBytes, 1 << 20...1 << 44, or: 1 << 30)
        principleBytesMax = try layers.integer(
            .principleBytes,
            1 << 20...1 << 32,
            or: 64 << 20,
            offAt: 0
        )
        principleSeconds = try layers.integer(.principleSeconds, 60...315_360_000, or: 2_592_000)
        principleSetsPerKey = try layers.integer(.principleSets, 1...64, or: 16)
        freshShare = try layers.number(.freshShare, 0...1, or: 0.25)
        guard scoringSocket.path != adminSocket.path else {
            throw ConfigurationError(
                source: "configuration",
                key: Key.adminPath.rawValue,
                expected: "another path than \(Key.scoringPath.rawValue)",
                found: adminSocket.path
            )
        }
    }

    private static let logLevels = [
        "trace", "debug", "info", "notice", "warning", "error", "critical",
    ]

    /// The settings that differ from another configuration.
    package func changes(from old: Configuration) -> [Key] {
        let pairs: [(Key, Bool)] = [
            (.stateDirectory, stateDirectory != old.stateDirectory),
            (.cacheDirectory, cacheDirectory != old.cacheDirectory),
            (.drainSeconds, drainSeconds != old.drainSeconds),
            (.logLevel, logLevel != old.logLevel),
            (.scoringPath, scoringSocket != old.scoringSocket),
            (.adminPath, adminSocket != old.adminSocket),
            (.connections, connectionsMax != old.connectionsMax),
            (.requests, requestsMax != old.requestsMax), (.tokens, tokensMax != old.tokensMax),
            (.queueSeconds, queueSeconds != old.queueSeconds),
            (.samples, samplesMax != old.samplesMax),
            (.requestBytes, requestBytesMax != old.requestBytesMax),
            (.threads, threadCount != old.threadCount),
            (.keyValueBytes, keyValueBytesMax != old.keyValueBytesMax),
            (.principleBytes, principleBytesMax != old.principleBytesMax),
            (.principleSeconds, principleSeconds != old.principleSeconds),
            (.principleSets, principleSetsPerKey != old.principleSetsPerKey),
            (.freshShare, freshShare != old.freshShare),
        ]
        return pairs.filter(\.1).map(\.0)
    }

    /// The settings that a reload brings into force; the others wait for a restart.
    package static let reloadable: Set<Key> = [
        .drainSeconds, .logLevel, .requests, .tokens, .queueSeconds, .samples, .freshShare,
    ]
}
