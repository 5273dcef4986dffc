import ArgumentParser
import Import

/// How far an import has come, on the error stream.
struct ProgressLine {
    /// The ways to tell it.
    enum Form: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// One line that is written over.
        case bar
        /// One object a line, for programs.
        case json
        /// Not at all.
        case none
    }

    private let form: Form
    private var lastPercent = -1
    private var lastPhase = ImportProgress.Phase?.none

    init(_ form: Form) {
        self.form = form
    }

    mutating func show(_ progress: ImportProgress) {
        switch form {
        case .none: break
        case .bar: draw(progress)
        case .json: Console.complain(Self.json(progress))
        }
    }

    /// Leaves the line to whatever comes next.
    mutating func end() {
        guard form == .bar, lastPhase != nil else { return }
        Console.progress("\r\u{1b}[K")
        lastPhase = nil
    }

    private mutating func draw(_ progress: ImportProgress) {
        let total = max(progress.bytesTotal, 1)
        let percent = Int(Double(progress.bytesDone) / Double(total) * 100)
        guard percent != lastPercent || progress.phase != lastPhase else { return }
        lastPercent = percent
        lastPhase = progress.phase
        let filled = min(percent, 100) * 30 / 100
        let bar =
            String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        let done = Figures.bytes(progress.bytesDone)
        let tensor = beginning(of: progress.tensor, count: 28)
        Console.progress(
            "\r\u{1b}[K[\(bar)] \(percent)%  \(done)  \(progress.phase.rawValue) \(tensor)"
        )
    }

    private static func json(_ progress: ImportProgress) -> String {
        struct Line: Encodable {
            let phase: String
            let tensor: String
            let bytesDone: UInt64
            let bytesTotal: UInt64

            enum CodingKeys: String, CodingKey {
                case phase, tensor
                case bytesDone = "bytes_done"
                case bytesTotal = "bytes_total"
            }
        }
        return encodedJSON(
            Line(
                phase: progress.phase.rawValue,
                tensor: progress.tensor,
                bytesDone: progress.bytesDone,
                bytesTotal: progress.bytesTotal
            )
        )
    }
}
