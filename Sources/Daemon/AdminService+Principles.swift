package import GRPCCore
import Logging
import Store
import SwiftProtobuf
package import Wire

// The principle cache, entry by entry.
extension AdminService {
    /// Entries of one page unless the request says otherwise, and of one step of an export.
    private static let pageCount = 100

    /// Some of the kept sets, in order of their keys.
    package func listPrinciples(
        request: Grm_V1_ListPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ListPrinciplesReply {
        try withCache { cache in
            let page = try cache.entries(
                prefix: request.keyPrefix,
                after: request.pageToken,
                countMax: request.countMax == 0 ? Self.pageCount : Int(request.countMax)
            )
            return .with {
                $0.entries = page.entries.map { Grm_V1_PrincipleEntry($0.set, key: $0.key) }
                $0.nextPageToken = page.next ?? ""
            }
        }
    }

    /// The sets of one key, best first.
    package func showPrinciples(
        request: Grm_V1_ShowPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ShowPrinciplesReply {
        try withCache { cache in
            let sets = try cache.show(request.key)
            guard !sets.isEmpty else {
                throw StoreError(
                    .notFound,
                    "key \(request.key)",
                    expected: "one of the principle cache",
                    found: "none; it may have expired or been evicted"
                )
            }
            return .with {
                $0.entries = sets.map { Grm_V1_PrincipleEntry($0, key: request.key) }
            }
        }
    }

    /// Keeps a set whatever its age, or lets it go.
    package func pinPrinciples(
        request: Grm_V1_PinPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_PinPrinciplesReply {
        try withCache { cache in
            let set = try cache.pin(request.setID, of: request.key, isPinned: request.pinned)
            return .with { $0.entry = Grm_V1_PrincipleEntry(set, key: request.key) }
        }
    }

    /// Puts other principles in the place of a set, which gets another id.
    package func editPrinciples(
        request: Grm_V1_EditPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_EditPrinciplesReply {
        try withCache { cache in
            let set = try cache.edit(
                request.setID,
                of: request.key,
                principles: request.principles.map(\.record)
            )
            return .with { $0.entry = Grm_V1_PrincipleEntry(set, key: request.key) }
        }
    }

    /// Removes one set of a key, or all.
    package func deletePrinciples(
        request: Grm_V1_DeletePrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_DeletePrinciplesReply {
        try withCache { cache in
            let count = try cache.delete(
                request.setID.isEmpty ? nil : request.setID,
                of: request.key
            )
            return .with { $0.deleted = UInt64(count) }
        }
    }

    /// Every kept set of the keys that begin so.
    package func exportPrinciples(
        request: Grm_V1_ExportPrinciplesRequest,
        response: RPCWriter<Grm_V1_PrincipleEntry>,
        context: ServerContext
    ) async throws {
        var token: String?
        repeat {
            let page = try withCache { cache in
                try cache.entries(
                    prefix: request.keyPrefix,
                    after: token,
                    countMax: Self.pageCount
                )
            }
            for entry in page.entries {
                try await response.write(Grm_V1_PrincipleEntry(entry.set, key: entry.key))
            }
            token = page.next
        } while token != nil
    }

    /// Takes sets in, each checked as a judge's own would be.
    ///
    /// A set that is there already stays as it is and counts as imported.
    package func importPrinciples(
        request: RPCAsyncSequence<Grm_V1_PrincipleEntry, any Error>,
        context: ServerContext
    ) async throws -> Grm_V1_ImportPrinciplesReply {
        var reply = Grm_V1_ImportPrinciplesReply()
        for try await entry in request {
            switch try withCache({ $0.add(entry.set, to: entry.key) }) {
            case .added, .duplicate:
                reply.imported += 1
            case .refused(let reason):
                reply.refused += 1
                daemon.log.debug(
                    "principles not imported",
                    metadata: ["entry": "\(reply.imported + reply.refused)", "error": "\(reason)"]
                )
            }
        }
        // Without a cache an empty stream would look like success.
        try withCache { _ in }
        daemon.log.notice(
            "principles imported",
            metadata: ["imported": "\(reply.imported)", "refused": "\(reply.refused)"]
        )
        return reply
    }

    /// What the cache holds and did.
    package func principleStats(
        request: Grm_V1_PrincipleStatsRequest,
        context: ServerContext
    ) async throws -> Grm_V1_PrincipleStatsReply {
        try withCache { Grm_V1_PrincipleStatsReply($0.statistics) }
    }

    private func withCache<Reply>(_ body: (PrincipleCache) throws -> Reply) throws -> Reply {
        do {
            guard let cache = daemon.principles else { throw Self.off }
            return try body(cache)
        } catch let error as StoreError where error.code == .notFound {
            throw StatusMapping.answer(to: Self.missing(error))
        } catch {
            throw StatusMapping.answer(to: error)
        }
    }

    private static var off: DaemonError {
        DaemonError(
            .principlesOff,
            subject: "the principle cache",
            expected: "an open one",
            found: "it is off",
            advice: "the log of grmd's start says why; only one grmd can use a cache_directory"
        )
    }

    /// The store's own word for what is missing would be a version.
    private static func missing(_ error: StoreError) -> DaemonError {
        DaemonError(
            .principlesMissing,
            subject: error.subject,
            expected: error.expected,
            found: error.found,
            advice: "list what is there with grmctl principles list"
        )
    }
}
