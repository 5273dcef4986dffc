/// A principle cache as it is at one moment: its file, its index, its counts, and what it does when
/// something is wrong with the file.
struct PrincipleCacheState: Sendable {
    typealias Place = PrincipleCacheIndex.Place
    typealias Change = PrincipleCacheFile.Change

    let limits: PrincipleCache.Limits
    private(set) var file: PrincipleCacheFile
    private(set) var index = PrincipleCacheIndex()
    var counts = PrincipleCache.Statistics()
    private var events: [PrincipleCache.Event] = []
    private var isRefusing = false

    /// Sets that one turn of `tend` removes or writes anew.
    private static let tendCountMax = 1024
    private static let scanCount = 256

    init(folder: String, limits: PrincipleCache.Limits) {
        self.limits = limits
        file = PrincipleCacheFile(folder: folder, bytesMax: limits.bytesMax)
    }

    /// A record's time of last use is written when it is behind by this much.
    private var coarseSeconds: Int64 { min(3600, limits.timeToLiveSeconds / 8) }

    mutating func takeEvents() -> [PrincipleCache.Event] {
        defer { events = [] }
        return events
    }

    // MARK: Opening and rebuilding

    /// Opens the file; one that is damaged or foreign is dropped and made anew.
    mutating func open(at now: Int64) throws(StoreError) {
        do throws(StoreError) {
            try load(at: now)
        } catch {
            // A folder or a link in the file's place is moved away too.
            guard PrincipleCacheFile.needsDrop(error) || error.code == .invalid else {
                close()
                throw error
            }
            try rebuild(because: error, at: now)
        }
    }

    private mutating func rebuild(
        because reason: StoreError,
        at now: Int64
    ) throws(StoreError) {
        counts.rebuilds += 1
        events.append(.rebuilt(reason))
        do throws(StoreError) {
            try file.drop()
            try load(at: now)
        } catch {
            close()
            throw error
        }
    }

    private mutating func close() {
        file.close()
        index = PrincipleCacheIndex()
    }

    private mutating func load(at now: Int64) throws(StoreError) {
        index = PrincipleCacheIndex()
        try file.open()
        var damaged: [[UInt8]] = []
        var last: [UInt8]?
        while true {
            let page = try file.page(prefix: nil, after: last, countMax: Self.scanCount)
            for found in page { note(found, &damaged) }
            guard let end = page.last?.rawKey else { break }
            last = end
        }
        try dropDamaged(damaged)
        try makeRoom(at: now)
    }

    private mutating func note(_ found: PrincipleCacheFile.Found, _ damaged: inout [[UInt8]]) {
        guard let place = found.place, let record = found.record else {
            damaged.append(found.rawKey)
            return
        }
        index.set(place, .init(record, byteCount: found.byteCount))
    }

    private mutating func dropDamaged(_ keys: [[UInt8]]) throws(StoreError) {
        guard !keys.isEmpty else { return }
        counts.damaged += keys.count
        events.append(.damagedSets(keys.count))
        try file.remove(rawKeys: keys)
    }

    /// Removes what a smaller limit has no room for.
    private mutating func makeRoom(at now: Int64) throws(StoreError) {
        let surplus = index.byteCount - limits.bytesMax
        let victims = index.leastRecentlyUsed(bytesNeeded: surplus, except: []).places
        try apply(victims.map(Change.remove))
        counts.evictions += victims.count
    }

    // MARK: Reading

    /// The sets under these places that are whole; the others are dropped.
    mutating func read(
        _ places: [Place],
        at now: Int64
    ) throws(StoreError) -> [(Place, PrincipleSetRecord)] {
        let found: [(Place, PrincipleSetRecord?)]
        do throws(StoreError) {
            found = try file.read(places)
        } catch {
            throw recover(from: error, at: now)
        }
        let damaged = found.filter { $0.1 == nil }.map(\.0)
        if !damaged.isEmpty {
            counts.damaged += damaged.count
            events.append(.damagedSets(damaged.count))
            // A record that stays is refused again when it is read again.
            _ = write(damaged.map(Change.remove), at: now)
            for place in damaged { index.remove(place) }
        }
        return found.compactMap { place, record in record.map { (place, current($0, place)) } }
    }

    /// The record with the time of its last use, which its file may not have yet.
    private func current(_ record: PrincipleSetRecord, _ place: Place) -> PrincipleSetRecord {
        var record = record
        if let stamp = index.stamp(place) { record.lastUsedUnixSeconds = stamp.lastUsedUnixSeconds }
        return record
    }

    /// Places of a key whose time is not over.
    func livePlaces(of key: String, at now: Int64) -> [Place] {
        index.stamps(of: key)
            .filter { !$0.value.isExpired(at: now, timeToLiveSeconds: limits.timeToLiveSeconds) }
            .keys.sorted().map { Place(key: key, id: $0) }
    }

    func isLive(_ place: Place, at now: Int64) -> Bool {
        guard let stamp = index.stamp(place) else { return false }
        return !stamp.isExpired(at: now, timeToLiveSeconds: limits.timeToLiveSeconds)
    }

    mutating func touch(_ key: String, at now: Int64) { index.touch(key, at: now) }

    // MARK: Writing

    /// Makes all changes or none; on a failure the cache goes on with what it has.
    ///
    /// - Returns: Why nothing was written; nil if it was.
    mutating func write(_ changes: [Change], at now: Int64) -> StoreError? {
        do throws(StoreError) {
            try apply(changes)
            isRefusing = false
            return nil
        } catch {
            counts.refusedWrites += 1
            if !isRefusing { events.append(.writesRefused(error)) }
            isRefusing = true
            return recover(from: error, at: now)
        }
    }

    private mutating func apply(_ changes: [Change]) throws(StoreError) {
        guard !changes.isEmpty else { return }
        let byteCounts = try file.write(changes)
        for (change, byteCount) in zip(changes, byteCounts) {
            switch change {
            case .set(let place, let record):
                index.set(place, .init(record, byteCount: byteCount))
            case .remove(let place):
                index.remove(place)
            }
        }
    }

    private mutating func recover(from error: StoreError, at now: Int64) -> StoreError {
        guard file.isOpen, PrincipleCacheFile.needsDrop(error) else { return error }
        do throws(StoreError) {
            try rebuild(because: error, at: now)
        } catch {
            events.append(.off(error))
        }
        return error
    }

    // MARK: Room

    /// The changes that put a set in, in the place of another if there is one, and take out what must
    /// go for it.
    ///
    /// Throws: `full` if only pinned sets are in the way.
    func additions(
        of record: PrincipleSetRecord,
        at place: Place,
        replacing old: Place? = nil,
        now: Int64
    ) throws(StoreError) -> (changes: [Change], evictionCount: Int) {
        let replaced = old.map { [$0] } ?? []
        var victims: [Place] = []
        if let victim = try setToReplace(at: place, replaced, now) { victims.append(victim) }
        let bytes = try PrincipleCacheFile.byteCount(of: record, at: place)
        let kept = Set(victims + replaced + [place])
        let freed = kept.reduce(0) { $0 + (index.stamp($1)?.byteCount ?? 0) }
        let surplus = index.byteCount - freed + bytes - limits.bytesMax
        if surplus > 0 {
            // A little more than needed, so that not every addition has to look for room.
            let more = index.leastRecentlyUsed(
                bytesNeeded: surplus + limits.bytesMax / 32,
                except: kept
            )
            guard more.bytes >= surplus else { throw refusal("\(bytes) bytes that are not pinned") }
            victims += more.places
        }
        let removals = (victims + replaced).map(Change.remove)
        return (removals + [.set(place, record)], victims.count)
    }

    /// The set that a full key gives up: one whose time is over, else the least worthy.
    private func setToReplace(
        at place: Place,
        _ replaced: [Place],
        _ now: Int64
    ) throws(StoreError) -> Place? {
        let stamps = index.stamps(of: place.key)
        guard stamps[place.id] == nil, stamps.count - replaced.count >= limits.setsPerKeyMax else {
            return nil
        }
        let expired = stamps.first {
            $0.value.isExpired(at: now, timeToLiveSeconds: limits.timeToLiveSeconds)
        }
        if let expired { return Place(key: place.key, id: expired.key) }
        guard let worst = index.worst(of: place.key, except: Set(replaced)) else {
            throw refusal("a set that is not pinned among \(limits.setsPerKeyMax) of the key")
        }
        return worst
    }

    private func refusal(_ expected: String) -> StoreError {
        StoreError(.full, "the principle cache", expected: expected, found: "none")
    }

    // MARK: Upkeep

    /// Opens what is off, removes what is expired, writes times of use that are behind; a bounded
    /// part of it.
    mutating func tend(at now: Int64) {
        guard file.isOpen else {
            // Off since a failure that was told; the next turn tries again.
            try? open(at: now)
            return
        }
        let expired = index.expired(
            at: now,
            timeToLiveSeconds: limits.timeToLiveSeconds,
            countMax: Self.tendCountMax
        )
        if !expired.isEmpty, write(expired.map(Change.remove), at: now) == nil {
            counts.expirations += expired.count
        }
        let behind = index.behind(bySeconds: max(1, coarseSeconds), countMax: Self.tendCountMax)
        // Damage and full disks have told of themselves; the times then stay as they are.
        guard !behind.isEmpty, let sets = try? read(behind, at: now) else { return }
        _ = write(sets.map { Change.set($0.0, $0.1) }, at: now)
    }
}
