import CLMDB
import Foundation

/// The LMDB file of a principle cache: sealed records under their keys, nothing decided.
///
/// Keys: `format`; `s/<key>/<id>` for a set. A value is a `Sealed` message whose content begins with
/// the entry's own key, so that a record that got under another key does not verify there.
struct PrincipleCacheFile: Sendable {
    typealias Place = PrincipleCacheIndex.Place

    /// A change of one set.
    enum Change {
        case set(Place, PrincipleSetRecord)
        case remove(Place)
    }

    /// A set as it was found; nil where the record is not what was written.
    struct Found {
        let place: Place?
        let rawKey: [UInt8]
        let record: PrincipleSetRecord?
        let byteCount: Int
    }

    let path: String
    private let mapBytes: Int
    private var environment: Environment?

    private static let formatKey = Array("format".utf8)
    private static let format = Array("principles 1".utf8)
    private static let setPrefix = Array("s/".utf8)

    /// Names the file in `folder`; it is opened by `open`.
    ///
    /// - Parameters:
    ///   - folder: A folder for the cache alone.
    ///   - bytesMax: Bytes of data. The map is larger, since pages are never quite full and a change
    ///     writes anew what it changes.
    init(folder: String, bytesMax: Int) {
        path = folder + "/sets.mdb"
        mapBytes = (3 * bytesMax + (8 << 20)) & ~0xffff
    }

    var isOpen: Bool { environment != nil }

    /// Opens the file, or makes it.
    ///
    /// Throws: `corrupt`, `tooNew`, `full` or `invalid` for a file that has to be dropped first.
    mutating func open() throws(StoreError) {
        environment = nil
        removeWhatWasDropped()
        if let length = try existingLength() {
            if length == 0 { try drop() } else { try checkFile(length) }
        }
        let opened = try Environment(path, .cache(mapBytes: mapBytes))
        try Self.checkFormat(opened)
        environment = opened
    }

    /// Closes the file and takes it out of the way, whatever it is.
    mutating func drop() throws(StoreError) {
        environment = nil
        let aside = "\(path).dropped"
        try Environment.rename(path, to: aside)
        removeWhatWasDropped()
    }

    /// Closes the file.
    mutating func close() { environment = nil }

    /// Whether the file is of no use after this error.
    static func needsDrop(_ error: StoreError) -> Bool {
        switch error.code {
        case .corrupt, .full, .tooNew: true
        // After a failed write of a header LMDB refuses everything until the file is opened anew.
        default: error.lmdbCode == MDB_PANIC
        }
    }

    // MARK: Reading

    /// The sets that are there under these places, those that verify.
    func read(_ places: [Place]) throws(StoreError) -> [(Place, PrincipleSetRecord?)] {
        guard let environment else { return [] }
        let transaction = try Transaction(reading: environment)
        var found: [(Place, PrincipleSetRecord?)] = []
        for place in places {
            let key = Self.key(place)
            guard let value = try transaction.value(key) else {
                found.append((place, nil))
                continue
            }
            found.append((place, Self.record(value, key)))
        }
        return found
    }

    /// Entries in order of their keys, from the one after `last`: sets of the keys that begin with
    /// `prefix`, or, with nil, whatever there is beside the format.
    func page(
        prefix: String?,
        after last: [UInt8]?,
        countMax: Int
    ) throws(StoreError) -> [Found] {
        guard let environment else { return [] }
        let transaction = try Transaction(reading: environment)
        let prefix = prefix.map { Self.setPrefix + Array($0.utf8) } ?? []
        let entries = try transaction.entries(prefix, after: last, countMax: countMax)
        return entries.filter { $0.key != Self.formatKey }.map { entry in
            let place = Self.place(entry.key)
            return Found(
                place: place,
                rawKey: entry.key,
                record: place.flatMap { _ in Self.record(entry.value, entry.key) },
                byteCount: Self.byteCount(entry.key, entry.value)
            )
        }
    }

    // MARK: Writing

    /// Makes all changes or none.
    ///
    /// - Returns: The bytes that each set takes now; 0 for a removed one.
    func write(_ changes: [Change]) throws(StoreError) -> [Int] {
        guard let environment else { throw Self.closed(path) }
        let transaction = try Transaction(writing: environment)
        var counts: [Int] = []
        for change in changes {
            switch change {
            case .set(let place, let record):
                let key = Self.key(place)
                let value = try Self.value(record, key)
                try transaction.set(key, value)
                counts.append(Self.byteCount(key, value))
            case .remove(let place):
                try transaction.remove(Self.key(place))
                counts.append(0)
            }
        }
        try transaction.commit()
        return counts
    }

    /// Removes entries that no place names.
    func remove(rawKeys: [[UInt8]]) throws(StoreError) {
        guard let environment, !rawKeys.isEmpty else { return }
        let transaction = try Transaction(writing: environment)
        for key in rawKeys { try transaction.remove(key) }
        try transaction.commit()
    }

    /// The bytes that a set will take.
    static func byteCount(
        of record: PrincipleSetRecord,
        at place: Place
    ) throws(StoreError) -> Int {
        let key = key(place)
        return byteCount(key, try value(record, key))
    }

    static func closed(_ path: String) -> StoreError {
        StoreError(.failed, path, expected: "an open principle cache", found: "it is off")
    }

    // MARK: The format

    static func key(_ place: Place) -> [UInt8] {
        setPrefix + Array("\(place.key)/\(place.id)".utf8)
    }

    private static func place(_ key: [UInt8]) -> Place? {
        let parts = String(decoding: key, as: UTF8.self).split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, RecordFormat.isDigest(String(parts[1])), parts[2].utf8.count == 16,
            RecordFormat.isHex(String(parts[2]))
        else { return nil }
        return Place(key: String(parts[1]), id: String(parts[2]))
    }

    private static func value(
        _ record: PrincipleSetRecord,
        _ key: [UInt8]
    ) throws(StoreError) -> [UInt8] {
        try RecordFormat.seal(key + RecordFormat.encode(record, "a set of principles"))
    }

    /// The record of a value; nil unless it is whole, belongs here, and would be taken in today.
    private static func record(_ value: [UInt8], _ key: [UInt8]) -> PrincipleSetRecord? {
        do throws(StoreError) {
            let content = try RecordFormat.unseal(value, "a set of principles")
            guard content.starts(with: key) else { return nil }
            let record: PrincipleSetRecord = try RecordFormat.decode(
                Array(content.dropFirst(key.count)),
                "a set of principles"
            )
            try record.check()
            guard PrincipleSetRecord.id(of: record.principles) == record.id,
                key.suffix(record.id.utf8.count).elementsEqual(record.id.utf8)
            else { return nil }
            return record
        } catch {
            return nil
        }
    }

    /// A long value has pages of its own; a short one shares a page.
    private static func byteCount(_ key: [UInt8], _ value: [UInt8]) -> Int {
        let pageBytes = 4096
        let bytes = key.count + value.count + 16
        guard bytes > pageBytes / 2 else { return bytes }
        return key.count + 16 + (value.count + 16 + pageBytes - 1) / pageBytes * pageBytes
    }

    // MARK: The file

    private func existingLength() throws(StoreError) -> Int? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let path = path
        return try StoreError.onFile(path, "a file") {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw StoreError(
                    .invalid,
                    path,
                    expected: "a regular file",
                    found: "a file of another kind"
                )
            }
            return (attributes[.size] as? NSNumber)?.intValue ?? 0
        }
    }

    private func checkFile(_ length: Int) throws(StoreError) {
        guard length <= mapBytes else {
            throw StoreError(
                .full,
                path,
                expected: "at most \(mapBytes) bytes",
                found: "\(length) bytes"
            )
        }
        try PageCheck.run(path)
    }

    private func removeWhatWasDropped() {
        // What stays is tried again at the next start, and takes no part in anything.
        try? FileManager.default.removeItem(atPath: "\(path).dropped")
    }

    private static func checkFormat(_ environment: Environment) throws(StoreError) {
        let path = environment.path
        let stored = try storedFormat(environment)
        if let stored {
            guard stored == format else {
                throw StoreError(
                    .tooNew,
                    path,
                    expected: String(decoding: format, as: UTF8.self),
                    found: "another format"
                )
            }
            return
        }
        let transaction = try Transaction(writing: environment)
        guard try transaction.entries([], after: nil, countMax: 1).isEmpty else {
            throw StoreError(.corrupt, path, expected: "the key format", found: "other keys only")
        }
        try transaction.add(formatKey, try RecordFormat.seal(format))
        try transaction.commit()
    }

    private static func storedFormat(_ environment: Environment) throws(StoreError) -> [UInt8]? {
        guard let record = try Transaction(reading: environment).value(formatKey) else {
            return nil
        }
        return try RecordFormat.unseal(record, "format of \(environment.path)")
    }
}
