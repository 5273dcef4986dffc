import Foundation
import Store
import SwiftProtobuf
import Synchronization

/// A folder for a principle cache with a clock and a log of its own; it goes when the test ends.
final class TemporaryCache: Sendable {
    let folder: String
    private let time = Mutex<Int64>(1_000_000)
    private let told = Mutex<[PrincipleCache.Event]>([])

    init(under parent: String = NSTemporaryDirectory()) {
        folder = "\(parent)/grmd-cache-\(UUID().uuidString)"
    }

    deinit {
        // A folder left behind in the temporary folder harms nobody.
        try? FileManager.default.removeItem(atPath: folder)
    }

    var file: String { folder + "/sets.mdb" }
    var events: [PrincipleCache.Event] { told.withLock { $0 } }
    var now: Int64 { time.withLock { $0 } }

    func advance(bySeconds seconds: Int64) { time.withLock { $0 += seconds } }

    func open(_ limits: PrincipleCache.Limits = .init()) throws -> PrincipleCache {
        try PrincipleCache(
            folder: folder,
            limits: limits,
            now: { [self] in now },
            report: { [self] event in told.withLock { $0.append(event) } }
        )
    }
}

/// The key with this number.
func principleKey(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    let padded = String(repeating: "0", count: 6 - digits.count) + digits
    return padded + String(repeating: "0", count: 58)
}

extension PrincipleSetRecord {
    /// A set of plain principles.
    static func plain(_ texts: String...) -> PrincipleSetRecord {
        .with { $0.principles = texts.map { text in .with { $0.text = text } } }
    }

    /// The set that belongs to a key and nowhere else, as long as wanted.
    static func own(of key: String, number: Int = 0, byteCount: Int = 200) -> PrincipleSetRecord {
        let text = "\(key) \(number) "
        let fill = String(repeating: "x", count: max(0, byteCount - text.utf8.count))
        return plain(text + fill)
    }

    var texts: [String] { principles.map(\.text) }
}

extension PrincipleCache.Addition {
    var id: String? {
        switch self {
        case .added(let id), .duplicate(let id): id
        case .refused: nil
        }
    }

    var refusal: StoreError.Code? {
        if case .refused(let error) = self { error.code } else { nil }
    }
}
