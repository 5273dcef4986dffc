import Foundation
import Synchronization

/// Sets of principles that judges wrote, kept for the next request on the same question.
///
/// The cache is disposable and bounded: what is damaged, from another format or too full is dropped
/// and begun anew, and no failure of it is a failure of what uses it. One process has it at a time,
/// by a lock on its folder. Texts are checked when they come in and again when they are read, and a
/// record that is not what was written is dropped.
///
/// Calls are short and may come from any thread. Reading writes nothing: times of last use are kept
/// in memory and written by `tend`, so that a killed process loses at most an hour of them.
package final class PrincipleCache: Sendable {
    /// What the cache may hold.
    package struct Limits: Hashable, Sendable {
        /// Bytes of keys and records; long records count in whole pages.
        package var bytesMax: Int
        /// Sets of one key.
        package var setsPerKeyMax: Int
        /// How long after it was written a set is used, unless it is pinned.
        package var timeToLiveSeconds: Int64

        /// Makes limits; the defaults are those of the daemon.
        package init(
            bytesMax: Int = 64 << 20,
            setsPerKeyMax: Int = 16,
            timeToLiveSeconds: Int64 = 30 * 86_400
        ) {
            precondition(bytesMax > 0 && setsPerKeyMax > 0, "a cache needs room")
            precondition(timeToLiveSeconds > 0, "a cache needs time")
            self.bytesMax = bytesMax
            self.setsPerKeyMax = setsPerKeyMax
            self.timeToLiveSeconds = timeToLiveSeconds
        }
    }

    /// What became of a set that was to be kept.
    package enum Addition: Hashable, Sendable {
        /// It is kept under this id.
        case added(String)
        /// The key has a set with these principles already, under this id.
        case duplicate(String)
        /// It is not kept.
        case refused(StoreError)
    }

    /// What happened to the cache that its owner may want to log; each is told once.
    package enum Event: Hashable, Sendable {
        /// The file was dropped and begun anew.
        case rebuilt(StoreError)
        /// The file could not be opened again; `tend` tries to.
        case off(StoreError)
        /// Nothing is written until a write succeeds again; what is there is still read.
        case writesRefused(StoreError)
        /// So many records were not what was written, and are gone.
        case damagedSets(Int)
    }

    /// One set under its key.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let set: PrincipleSetRecord
    }

    /// A use of a set by a judgment.
    package struct Use: Hashable, Sendable {
        package let setID: String
        package let metaScore: Double?

        /// Takes note of a judgment, and of its meta score if it has one.
        package init(setID: String, metaScore: Double? = nil) {
            self.setID = setID
            self.metaScore = metaScore
        }
    }

    /// What the cache holds, and what it did since it was opened.
    package struct Statistics: Hashable, Sendable {
        package var keys = 0
        package var sets = 0
        package var bytes = 0
        package var bytesMax = 0
        /// Calls of `sets(of:)` that found at least one set, and those that found none.
        package var hits = 0
        package var misses = 0
        package var evictions = 0
        package var expirations = 0
        package var rebuilds = 0
        /// Records that were not what was written.
        package var damaged = 0
        package var refusedWrites = 0
    }

    private let state: Mutex<PrincipleCacheState>
    private let now: @Sendable () -> Int64
    private let report: @Sendable (Event) -> Void
    // The lock on the folder ends with the cache.
    private let lock: Folder

    /// Opens the cache in `folder`, making it (0750) where it is missing.
    ///
    /// - Parameters:
    ///   - folder: A folder for the cache alone.
    ///   - limits: What it may hold; what an older run left above them is evicted.
    ///   - now: The time in seconds since 1970.
    ///   - report: Is told what happened; called outside the cache's own lock.
    /// - Throws: `busy` at once if another process has it open; `permission`, `noSpace` and `failed`
    ///   where nothing can be read or made. Damage is no error.
    ///
    /// Cost: one read of the whole file.
    package init(
        folder: String,
        limits: Limits,
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) },
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(StoreError) {
        try StoreError.onFile(folder, "a folder, or room to make one") {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750]
            )
        }
        lock = try Folder.locked(folder, "using the principle cache", timeoutSeconds: 0)
        var opened = PrincipleCacheState(folder: folder, limits: limits)
        let time = now()
        try opened.open(at: time)
        let events = opened.takeEvents()
        state = Mutex(opened)
        self.now = now
        self.report = report
        events.forEach(report)
    }

    /// The sets of a key, best first: pinned ones, then by merit, then the newer.
    ///
    /// Merit is the mean meta score of the judgments that used the set, with one more score of
    /// `PrincipleSetRecord.priorMetaScore`; a set that no judgment used has the prior alone.
    ///
    /// - Returns: Sets that are whole and whose time is not over; empty also where the cache is off.
    package func sets(of key: String) -> [PrincipleSetRecord] {
        using { state, now in
            let places = state.livePlaces(of: key, at: now)
            // A file that fails is begun anew, and has no sets then.
            let found = (try? state.read(places, at: now)) ?? []
            guard !found.isEmpty else {
                state.counts.misses += 1
                return []
            }
            state.counts.hits += 1
            state.touch(key, at: now)
            return found.map { $0.1 }.sorted { $0.isBetter(than: $1) }
        }
    }

    /// Keeps a set, which needs principles and where they are from; its id comes from its principles.
    ///
    /// A full key loses its least worthy set, a full cache the least recently used ones.
    ///
    /// - Parameters:
    ///   - set: Times of 0 or in the future become the present; counts and scores are kept.
    ///   - key: 64 lower-case hex digits.
    /// - Returns: Whether it was kept, and under which id.
    package func add(_ set: PrincipleSetRecord, to key: String) -> Addition {
        using { state, now in
            do throws(StoreError) {
                let (place, record) = try Self.checked(set, key, at: now)
                guard !state.isLive(place, at: now) else { return .duplicate(place.id) }
                let (changes, evicted) = try state.additions(of: record, at: place, now: now)
                if let error = state.write(changes, at: now) { return .refused(error) }
                state.counts.evictions += evicted
                return .added(place.id)
            } catch {
                return .refused(error)
            }
        }
    }

    /// Counts the judgments that used sets of a key, and their meta scores.
    ///
    /// Uses of sets that are gone are forgotten.
    package func note(uses: [Use], of key: String) {
        using { state, now in
            let byID = Dictionary(grouping: uses, by: \.setID)
            let places = byID.keys.sorted().map { PrincipleCacheIndex.Place(key: key, id: $0) }
                .filter { state.isLive($0, at: now) }
            // A file that fails is begun anew, and has nothing to count then.
            guard !places.isEmpty, let found = try? state.read(places, at: now) else { return }
            let changes = found.map { place, record in
                var record = record
                for use in byID[place.id] ?? [] { record.count(use) }
                record.lastUsedUnixSeconds = now
                return PrincipleCacheFile.Change.set(place, record)
            }
            _ = state.write(changes, at: now)
        }
    }

    /// Does a bounded part of what is due: expired sets go, times of use are written, and a cache
    /// that went off is opened again.
    ///
    /// To be called every minute or so, and before the end.
    package func tend() {
        using { state, now in state.tend(at: now) }
    }

    /// What the cache holds and did.
    package var statistics: Statistics {
        using { state, _ in
            var counts = state.counts
            counts.keys = state.index.keyCount
            counts.sets = state.index.setCount
            counts.bytes = state.index.byteCount
            counts.bytesMax = state.limits.bytesMax
            return counts
        }
    }

    /// Runs `body` alone, then tells what happened meanwhile.
    func using<Result: Sendable>(
        _ body: (inout PrincipleCacheState, Int64) -> Result
    ) -> Result {
        let time = now()
        let (result, events) = state.withLock { state in
            (body(&state, time), state.takeEvents())
        }
        events.forEach(report)
        return result
    }

    /// A set as it is kept, and where.
    static func checked(
        _ set: PrincipleSetRecord,
        _ key: String,
        at now: Int64
    ) throws(StoreError) -> (PrincipleCacheIndex.Place, PrincipleSetRecord) {
        try checkKey(key)
        try set.check()
        var record = set
        if !record.principles.contains(where: { $0.weight > 0 }) {
            for index in record.principles.indices { record.principles[index].clearWeight() }
        }
        record.id = PrincipleSetRecord.id(of: record.principles)
        if !(1...max(1, now)).contains(record.createdUnixSeconds) {
            record.createdUnixSeconds = now
        }
        if !(1...max(1, now)).contains(record.lastUsedUnixSeconds) {
            record.lastUsedUnixSeconds = now
        }
        return (PrincipleCacheIndex.Place(key: key, id: record.id), record)
    }

    static func checkKey(_ key: String) throws(StoreError) {
        guard RecordFormat.isDigest(key) else {
            throw StoreError(
                .invalid,
                "the key of a set of principles",
                expected: "64 lower-case hex digits",
                found: "'\(key.prefix(80))'"
            )
        }
    }
}

extension PrincipleSetRecord {
    fileprivate mutating func count(_ use: PrincipleCache.Use) {
        uses += 1
        guard let score = use.metaScore, score.isFinite else { return }
        metaCount += 1
        metaScore += (score - metaScore) / Double(metaCount)
    }
}
