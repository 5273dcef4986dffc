import ArgumentParser
import Store

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the bytes of versions with the digests of their import.",
        discussion: """
            Reads every byte of every tensor and of the packs they lie in. Damage ends with exit \
            code 3, after everything has been read.

            Example: grmctl verify --all
            """
    )

    @Argument(
        help: "The version: its name, or 8 or more digits of its digest.",
        completion: VersionName.completion
    )
    var name: VersionName?

    @Flag(help: "All versions of the store.")
    var all = false

    @OptionGroup var globals: GlobalOptions

    /// What was found out about one version.
    private struct Finding: Encodable {
        let name: String
        let digest: String
        let tensors: Int
        let faults: [String]
    }

    func validate() throws {
        guard (name == nil) == all else {
            throw ValidationError("expected the name of a version, or --all")
        }
    }

    func run() throws {
        struct Result: Encodable { let verified: [Finding] }
        let directory = try globals.store.existing()
        var packFaults: [String: CommandError?] = [:]
        var findings: [Finding] = []
        var first: CommandError?
        for version in try versions(in: directory) {
            let faults = try faults(of: version, in: directory, &packFaults)
            first = first ?? faults.first
            let finding = Finding(
                name: version.manifest.name,
                digest: version.digest,
                tensors: version.manifest.tensors.count,
                faults: faults.map(\.description)
            )
            findings.append(finding)
            if !globals.json { try show(finding) }
        }
        if globals.json { try Console.write(ResultJSON.text(Result(verified: findings))) }
        if let first { throw first }
    }

    private func versions(in directory: StoreDirectory) throws(CommandError) -> [StoredVersion] {
        try storing { () throws(StoreError) in
            let catalogue = try Catalogue(directory, access: .reading)
            guard let name else { return try catalogue.versions() }
            return [try catalogue.version(name.text)]
        }
    }

    /// Versions may share packs: each is read as a file only once.
    private func faults(
        of version: StoredVersion,
        in directory: StoreDirectory,
        _ packFaults: inout [String: CommandError?]
    ) throws(CommandError) -> [CommandError] {
        let bytes = StoredBytes(directory)
        var faults = try bytes.faults(of: version)
        for pack in version.packs where faults.isEmpty {
            let fault: CommandError?
            if let known = packFaults[pack] {
                fault = known
            } else {
                fault = try bytes.fault(ofPack: pack, in: version)
                packFaults[pack] = .some(fault)
            }
            if let fault { faults.append(fault) }
        }
        return faults
    }

    private func show(_ finding: Finding) throws(CommandError) {
        let verdict = finding.faults.isEmpty ? "sound" : "DAMAGED"
        try Console.write("\(finding.name): \(finding.tensors) tensors, \(verdict)")
        for fault in finding.faults { try Console.write("  \(fault)") }
    }
}
