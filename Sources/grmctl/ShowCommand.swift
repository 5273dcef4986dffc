import ArgumentParser
import Store
import Wire

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that the store knows of a version.",
        discussion: """
            Reads the store itself; grmd need not run.

            Example: grmctl show smol --tensors
            """
    )

    @Argument(
        help: "Its name, or 8 or more digits of its digest.",
        completion: VersionName.completion
    )
    var name: VersionName

    @Flag(help: "Also the tensors: format, shape, bytes, digest.")
    var tensors = false

    @OptionGroup var globals: GlobalOptions

    func run() throws {
        let directory = try globals.store.existing()
        let name = name.text
        let (version, current) = try storing { () throws(StoreError) in
            let catalogue = try Catalogue(directory, access: .reading)
            return (try catalogue.version(name), try catalogue.currentDeployment())
        }
        var reply = Grm_V1_ShowVersionReply(version, current: current)
        if !tensors { reply.tensors = [] }
        try Console.write(globals.json ? ResultJSON.text(reply) : Self.text(reply))
    }

    /// The summary, the details and the tensors as tables.
    static func text(_ reply: Grm_V1_ShowVersionReply) -> String {
        let summary = reply.summary
        var table = TextTable()
        table.add(["name", summary.name])
        table.add(["digest", summary.digest])
        table.add(["active", summary.active ? "yes" : "no"])
        table.add(["architecture", summary.architecture])
        table.add(["parameters", "\(summary.parameters)"])
        table.add(["bytes", "\(summary.bytes) (\(Figures.bytes(summary.bytes)))"])
        table.add(["imported", Figures.time(summary.importedUnixSeconds)])
        table.add(["source", summary.source])
        table.add(["licence", summary.licence.isEmpty ? "unknown" : summary.licence])
        if !summary.parent.isEmpty { table.add(["parent", summary.parent]) }
        for (key, value) in reply.details.sorted(by: { $0.key < $1.key }) {
            table.add([key, value])
        }
        let text = printable(table.text(isColoured: false), keepsLines: true)
        return reply.tensors.isEmpty ? text : text + "\n\n" + tensorText(reply.tensors)
    }

    private static func tensorText(_ tensors: [Grm_V1_TensorSummary]) -> String {
        var table = TextTable(
            header: ["TENSOR", "FORMAT", "SHAPE", "BYTES", "SHA-256"],
            rightAligned: [3]
        )
        for tensor in tensors {
            table.add([
                printable(tensor.name, keepsLines: false),
                tensor.format,
                tensor.shape.map(String.init).joined(separator: "x"),
                "\(tensor.bytes)",
                Figures.digest(tensor.digest),
            ])
        }
        return table.text(isColoured: Console.isColoured)
    }
}
