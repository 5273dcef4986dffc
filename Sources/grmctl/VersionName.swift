import ArgumentParser
import Wire

/// The name or the beginning of the digest of a version, as an argument.
struct VersionName: ExpressibleByArgument, Hashable, Sendable, Decodable {
    let text: String

    init?(argument: String) {
        text = argument
    }

    /// The names in the store that the command line being completed speaks of.
    static let completion = CompletionKind.custom { words, _, _ in
        let given = zip(words, words.dropFirst()).first { $0.0 == "--state" }?.1
        var globals = GlobalOptions()
        globals.state = given
        // A shell that completes has no place for errors.
        return (try? globals.store.summaries().map(\.name)) ?? []
    }
}
