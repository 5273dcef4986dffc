/// What a principle cache holds, without the texts: enough to say what goes first.
struct PrincipleCacheIndex: Sendable {
    /// One set: its key and its id.
    struct Place: Hashable, Sendable {
        let key: String
        let id: String
    }

    /// What is known of a set without reading it.
    struct Stamp: Hashable, Sendable {
        let byteCount: Int
        let createdUnixSeconds: Int64
        let isPinned: Bool
        let merit: Double
        /// When the set was last used, and what its record says of that.
        var lastUsedUnixSeconds: Int64
        let writtenUseUnixSeconds: Int64

        init(_ record: PrincipleSetRecord, byteCount: Int) {
            self.byteCount = byteCount
            createdUnixSeconds = record.createdUnixSeconds
            isPinned = record.pinned
            merit = record.merit
            lastUsedUnixSeconds = record.lastUsedUnixSeconds
            writtenUseUnixSeconds = record.lastUsedUnixSeconds
        }

        /// Pinned sets never are; nor is one from a time that the clock has not reached again.
        func isExpired(at now: Int64, timeToLiveSeconds: Int64) -> Bool {
            !isPinned && now - createdUnixSeconds >= timeToLiveSeconds
        }
    }

    private var keys: [String: [String: Stamp]] = [:]
    private(set) var byteCount = 0
    private(set) var setCount = 0

    var keyCount: Int { keys.count }

    func stamps(of key: String) -> [String: Stamp] { keys[key] ?? [:] }

    func stamp(_ place: Place) -> Stamp? { keys[place.key]?[place.id] }

    mutating func set(_ place: Place, _ stamp: Stamp) {
        remove(place)
        keys[place.key, default: [:]][place.id] = stamp
        byteCount += stamp.byteCount
        setCount += 1
    }

    mutating func remove(_ place: Place) {
        guard let old = keys[place.key]?.removeValue(forKey: place.id) else { return }
        byteCount -= old.byteCount
        setCount -= 1
        if keys[place.key]?.isEmpty == true { keys[place.key] = nil }
    }

    /// Takes note that the sets of a key were read; nothing is written.
    mutating func touch(_ key: String, at now: Int64) {
        guard var stamps = keys[key] else { return }
        for id in stamps.keys { stamps[id]?.lastUsedUnixSeconds = now }
        keys[key] = stamps
    }

    // MARK: What goes, and what is due

    /// Sets to remove for `bytesNeeded` bytes: the least recently used first, never a pinned one.
    ///
    /// - Returns: The sets; all that may go, if they are not enough.
    func leastRecentlyUsed(
        bytesNeeded: Int,
        except kept: Set<Place>
    ) -> (places: [Place], bytes: Int) {
        guard bytesNeeded > 0 else { return ([], 0) }
        var victims: [Place] = []
        var bytes = 0
        for (place, stamp) in all().sorted(by: Self.goesBefore) {
            guard bytes < bytesNeeded else { break }
            guard !stamp.isPinned, !kept.contains(place) else { continue }
            victims.append(place)
            bytes += stamp.byteCount
        }
        return (victims, bytes)
    }

    /// The set of a key that is worth least, if one may go.
    func worst(of key: String, except kept: Set<Place>) -> Place? {
        stamps(of: key).map { (Place(key: key, id: $0.key), $0.value) }
            .filter { !$0.1.isPinned && !kept.contains($0.0) }
            .min { Self.isWorse($0, $1) }?.0
    }

    /// Sets whose time is over, at most `countMax`.
    func expired(at now: Int64, timeToLiveSeconds: Int64, countMax: Int) -> [Place] {
        places(countMax: countMax) {
            $0.isExpired(at: now, timeToLiveSeconds: timeToLiveSeconds)
        }
    }

    /// Sets whose record is behind by this much, at most `countMax`.
    func behind(bySeconds seconds: Int64, countMax: Int) -> [Place] {
        places(countMax: countMax) {
            $0.lastUsedUnixSeconds - $0.writtenUseUnixSeconds >= seconds
        }
    }

    private func places(countMax: Int, where isWanted: (Stamp) -> Bool) -> [Place] {
        var found: [Place] = []
        for (key, stamps) in keys {
            for (id, stamp) in stamps where isWanted(stamp) {
                guard found.count < countMax else { return found }
                found.append(Place(key: key, id: id))
            }
        }
        return found
    }

    private func all() -> [(Place, Stamp)] {
        keys.flatMap { key, stamps in
            stamps.map { (Place(key: key, id: $0.key), $0.value) }
        }
    }

    private static func goesBefore(_ left: (Place, Stamp), _ right: (Place, Stamp)) -> Bool {
        guard left.1.lastUsedUnixSeconds == right.1.lastUsedUnixSeconds else {
            return left.1.lastUsedUnixSeconds < right.1.lastUsedUnixSeconds
        }
        return isWorse(left, right)
    }

    private static func isWorse(_ left: (Place, Stamp), _ right: (Place, Stamp)) -> Bool {
        if left.1.merit != right.1.merit { return left.1.merit < right.1.merit }
        if left.1.createdUnixSeconds != right.1.createdUnixSeconds {
            return left.1.createdUnixSeconds < right.1.createdUnixSeconds
        }
        return (left.0.key, left.0.id) < (right.0.key, right.0.id)
    }
}
