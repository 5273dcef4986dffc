// What an operator does with single sets.
extension PrincipleCache {
    /// Some of the entries, in order of their keys and ids.
    package struct Page: Hashable, Sendable {
        package let entries: [Entry]
        /// Where the next page begins; nil after the last.
        package let next: String?
    }

    /// Bytes of the entries of one page, so that a page fits a message.
    private static let pageBytesMax = 2 << 20
    /// Entries that one page looks at.
    private static let pageCountMax = 1024

    /// Sets whose time is not over, of the keys that begin with `prefix`.
    ///
    /// - Parameters:
    ///   - prefix: At most 64 hex digits; empty for all.
    ///   - token: `next` of the page before; nil or empty for the first.
    ///   - countMax: Entries of the page, at most.
    /// - Returns: A page of them.
    /// - Throws: `invalid` for what cannot be a prefix or a token.
    package func entries(
        prefix: String = "",
        after token: String? = nil,
        countMax: Int
    ) throws(StoreError) -> Page {
        try Self.require(
            prefix.utf8.count <= 64 && RecordFormat.isHex(prefix),
            "the prefix of a key",
            "at most 64 lower-case hex digits"
        )
        let last = try token.flatMap { $0.isEmpty ? nil : $0 }.map { (text) throws(StoreError) in
            try Self.place(ofToken: text)
        }
        let count = min(max(1, countMax), Self.pageCountMax)
        return try attempting { (state, now) throws(StoreError) in
            let found = try state.file.page(
                prefix: prefix,
                after: last.map(PrincipleCacheFile.key),
                countMax: count
            )
            var bytes = 0
            let taken = found.prefix { item in
                defer { bytes += item.byteCount }
                return bytes < Self.pageBytesMax
            }
            let entries = taken.compactMap { item -> Entry? in
                guard let place = item.place, let record = item.record,
                    state.isLive(place, at: now)
                else { return nil }
                return Entry(key: place.key, set: record)
            }
            let isLast = taken.count == found.count && found.count < count
            return Page(entries: entries, next: isLast ? nil : taken.last?.place.map(Self.token))
        }
    }

    /// All sets of a key, best first; this counts as no use of them.
    package func show(_ key: String) throws(StoreError) -> [PrincipleSetRecord] {
        try Self.checkKey(key)
        return try attempting { (state, now) throws(StoreError) in
            try state.read(state.livePlaces(of: key, at: now), at: now).map { $0.1 }
                .sorted { $0.isBetter(than: $1) }
        }
    }

    /// Pins a set, which then stays whatever its age and however full the cache is, or lets it go.
    ///
    /// - Returns: The set as it is now.
    /// Throws: `notFound`; what prevents the write.
    package func pin(
        _ id: String,
        of key: String,
        isPinned: Bool
    ) throws(StoreError) -> PrincipleSetRecord {
        try attempting { (state, now) throws(StoreError) in
            let place = PrincipleCacheIndex.Place(key: key, id: id)
            var record = try Self.record(at: place, in: &state, now)
            record.pinned = isPinned
            if let error = state.write([.set(place, record)], at: now) { throw error }
            return record
        }
    }

    /// Puts other principles in the place of a set.
    ///
    /// An id stands for a text, so the set gets another id; it begins without uses and scores, which
    /// were earned by the old text, and stays pinned if it was.
    ///
    /// - Returns: The new set.
    /// Throws: `notFound`; `invalid`; `alreadyExists` if the key has a set with these principles.
    package func edit(
        _ id: String,
        of key: String,
        principles: [PrincipleRecord]
    ) throws(StoreError) -> PrincipleSetRecord {
        try attempting { (state, now) throws(StoreError) in
            let old = PrincipleCacheIndex.Place(key: key, id: id)
            var record = try Self.record(at: old, in: &state, now)
            record.principles = principles
            record.createdUnixSeconds = 0
            (record.uses, record.metaScore, record.metaCount) = (0, 0, 0)
            let (place, new) = try Self.checked(record, key, at: now)
            guard !state.isLive(place, at: now) else {
                throw StoreError(
                    .alreadyExists,
                    "set \(place.id)",
                    expected: "principles that the key has not yet",
                    found: "the same ones"
                )
            }
            let (changes, evicted) = try state.additions(
                of: new,
                at: place,
                replacing: old,
                now: now
            )
            if let error = state.write(changes, at: now) { throw error }
            state.counts.evictions += evicted
            return new
        }
    }

    /// Removes one set of a key, or all of them, pinned ones too.
    ///
    /// - Parameters:
    ///   - id: The set; nil for all.
    ///   - key: The key.
    /// - Returns: How many there were.
    /// - Throws: `notFound` for one that is not there; what prevents the write.
    package func delete(_ id: String?, of key: String) throws(StoreError) -> Int {
        try attempting { (state, now) throws(StoreError) in
            let places: [PrincipleCacheIndex.Place]
            if let id {
                let place = PrincipleCacheIndex.Place(key: key, id: id)
                places = state.index.stamp(place) == nil ? [] : [place]
            } else {
                places = state.index.stamps(of: key).keys.map { .init(key: key, id: $0) }
            }
            guard !places.isEmpty else {
                throw Self.missing(id.map { "set \($0)" } ?? "key \(key)")
            }
            if let error = state.write(places.map { .remove($0) }, at: now) { throw error }
            return places.count
        }
    }

    private func attempting<Result: Sendable>(
        _ body: (inout PrincipleCacheState, Int64) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let result = using { state, now -> Swift.Result<Result, StoreError> in
            do throws(StoreError) {
                guard state.file.isOpen else { throw PrincipleCacheFile.closed(state.file.path) }
                return .success(try body(&state, now))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func record(
        at place: PrincipleCacheIndex.Place,
        in state: inout PrincipleCacheState,
        _ now: Int64
    ) throws(StoreError) -> PrincipleSetRecord {
        guard state.isLive(place, at: now), let found = try state.read([place], at: now).first
        else { throw missing("set \(place.id) of key \(place.key)") }
        return found.1
    }

    private static func missing(_ subject: String) -> StoreError {
        StoreError(
            .notFound,
            subject,
            expected: "one of the principle cache",
            found: "none; it may have expired or been evicted"
        )
    }

    private static func token(_ place: PrincipleCacheIndex.Place) -> String {
        "\(place.key)/\(place.id)"
    }

    private static func place(
        ofToken token: String
    ) throws(StoreError) -> PrincipleCacheIndex.Place {
        let parts = token.split(separator: "/").map(String.init)
        try require(
            parts.count == 2 && token.utf8.count == 81 && parts.allSatisfy(RecordFormat.isHex),
            "the page token",
            "that of an earlier page"
        )
        return PrincipleCacheIndex.Place(key: parts[0], id: parts[1])
    }

    private static func require(
        _ isSo: Bool,
        _ subject: String,
        _ expected: String
    ) throws(StoreError) {
        guard !isSo else { return }
        throw StoreError(.invalid, subject, expected: expected, found: "other text")
    }
}
