import Kernels

extension ImportOptions {
    /// The names that people give the number formats; `keep` is what keeps the numbers of the file.
    package static let formatNames = ["keep", "f32", "bf16", "q8", "q4"]

    /// The source type that the rounding of a merge goes by; it is measured against the updates.
    package static let mergedSourceType = "LoRA update"

    /// Sets the number format of all matrices by its name.
    ///
    /// Throws: `invalidOption` for a name that is not one of `formatNames`.
    package mutating func setFormat(named name: String) throws(ImportError) {
        switch name {
        case "keep": format = nil
        case "f32": format = .f32
        case "bf16": format = .bf16
        case "q8": format = .q8
        case "q4": format = .q4
        default:
            throw ImportError(
                .invalidOption,
                subject: "the number format",
                expected: Self.formatNames.joined(separator: ", "),
                found: quoted(name)
            )
        }
    }
}
