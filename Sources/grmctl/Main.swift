import ArgumentParser
import Foundation

/// The entry of grmctl: parses, runs one verb, and turns what went wrong into text and an exit code.
@main
struct Main {
    static func main() async {
        do {
            let command = try await Grmctl.asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let error as CommandError {
            exit(report(error))
        } catch {
            exit(report(error))
        }
    }

    private static func report(_ error: CommandError) -> Int32 {
        Console.complain("grmctl: \(error)")
        if isJSON { Console.complain(error.json) }
        return error.code.exitStatus
    }

    /// Help and the version leave ArgumentParser as errors too, with an exit code of 0.
    private static func report(_ error: any Error) -> Int32 {
        let code = Grmctl.exitCode(for: error)
        let text = Grmctl.fullMessage(for: error)
        guard !code.isSuccess else {
            do {
                if !text.isEmpty { try Console.write(text) }
                return 0
            } catch {
                return report(error)
            }
        }
        if !text.isEmpty { Console.complain(text) }
        guard code == .validationFailure else { return code.rawValue }
        if isJSON {
            let usage = CommandError(
                .usage,
                subject: "the command line",
                expected: "a verb and its options",
                found: Grmctl.message(for: error),
                advice: "see grmctl --help"
            )
            Console.complain(usage.json)
        }
        return CommandError.Code.usage.exitStatus
    }

    /// A command line that does not parse has no options yet, but its reader wants JSON all the same.
    private static var isJSON: Bool { CommandLine.arguments.dropFirst().contains("--json") }
}
