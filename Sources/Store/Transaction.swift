import CLMDB

/// One LMDB transaction: a snapshot to read, or a change that is kept by `commit` and else undone.
@safe struct Transaction: ~Copyable {
    /// A copied key and its value.
    struct Entry {
        let key: [UInt8]
        let value: [UInt8]
    }

    // Safety: set by the initializer, nil only after `commit`; the lease below outlives it.
    private var pointer: OpaquePointer?
    private let environment: Environment
    /// LMDB's number of the one database that every environment has.
    private static let database: MDB_dbi = 1

    init(reading environment: Environment) throws(StoreError) {
        try self.init(environment, UInt32(MDB_RDONLY), "a read transaction")
    }

    init(writing environment: Environment) throws(StoreError) {
        try self.init(environment, 0, "a write transaction")
    }

    private init(
        _ environment: Environment,
        _ flags: UInt32,
        _ expected: String
    ) throws(StoreError) {
        var begun: OpaquePointer?
        // Safety: the environment is open while its lease lives, which this value keeps.
        try environment.check(
            unsafe mdb_txn_begin(environment.pointer, nil, flags, &begun),
            expected
        )
        unsafe pointer = begun
        self.environment = environment
    }

    deinit {
        // Safety: not nil means neither committed nor aborted yet.
        if let pointer = unsafe pointer { unsafe mdb_txn_abort(pointer) }
    }

    /// Keeps the changes; durable on return unless the environment was opened otherwise.
    consuming func commit() throws(StoreError) {
        let ending = unsafe pointer
        unsafe pointer = nil
        // Safety: LMDB frees the transaction whatever it returns, and the field is nil by now.
        try environment.check(unsafe mdb_txn_commit(ending), "a commit")
    }

    /// A copy of the value of `key`; nil if there is none.
    func value(_ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        // Safety: copied before the transaction can end.
        guard let bytes = unsafe try borrowedValue(key) else { return nil }
        return unsafe [UInt8](bytes)
    }

    /// The value of `key` where it lies in the map; nil if there is none.
    ///
    /// Safety: valid while the transaction lives; in a sealed pack while the environment lives, since
    /// nothing is ever written over it and the map never moves.
    @unsafe func borrowedValue(
        _ key: [UInt8]
    ) throws(StoreError) -> UnsafeRawBufferPointer? {
        // Safety: LMDB fills the value in or says that there is none.
        var value = unsafe MDB_val()
        let code = unsafe Self.withEntry(key) { entry in
            unsafe mdb_get(pointer, Self.database, &entry, &value)
        }
        if code == MDB_NOTFOUND { return nil }
        try environment.check(code, "the value of '\(Self.text(key))'")
        return unsafe UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
    }

    /// All entries whose key begins with `prefix`, copied, in order of their keys.
    func entries(_ prefix: [UInt8]) throws(StoreError) -> [Entry] {
        // Safety: `withCursor` closes the cursor; `step` copies what it finds.
        try unsafe withCursor { (cursor) throws(StoreError) in
            var found: [Entry] = []
            var next = try unsafe step(
                cursor,
                prefix.isEmpty ? MDB_FIRST : MDB_SET_RANGE,
                from: prefix
            )
            while let entry = next, entry.key.starts(with: prefix) {
                found.append(entry)
                next = try unsafe step(cursor, MDB_NEXT, from: [])
            }
            return found
        }
    }

    /// The first `countMax` entries whose key begins with `prefix` and comes after `last`; copied.
    func entries(
        _ prefix: [UInt8],
        after last: [UInt8]?,
        countMax: Int
    ) throws(StoreError) -> [Entry] {
        let start = last.map { $0.lexicographicallyPrecedes(prefix) ? prefix : $0 } ?? prefix
        // Safety: `withCursor` closes the cursor; `step` copies what it finds.
        return try unsafe withCursor { (cursor) throws(StoreError) in
            var found: [Entry] = []
            var next = try unsafe step(
                cursor,
                start.isEmpty ? MDB_FIRST : MDB_SET_RANGE,
                from: start
            )
            if let entry = next, entry.key == last {
                next = try unsafe step(cursor, MDB_NEXT, from: [])
            }
            while let entry = next, found.count < countMax, entry.key.starts(with: prefix) {
                found.append(entry)
                next = try unsafe step(cursor, MDB_NEXT, from: [])
            }
            return found
        }
    }

    /// The last entry whose key begins with `prefix`, which must not end with 0xff; copied.
    func lastEntry(_ prefix: [UInt8]) throws(StoreError) -> Entry? {
        let end = prefix.dropLast() + prefix.suffix(1).map { $0 + 1 }
        // Safety: `withCursor` closes the cursor; `step` copies what it finds.
        return try unsafe withCursor { (cursor) throws(StoreError) in
            let isLast = try unsafe step(cursor, MDB_SET_RANGE, from: Array(end)) == nil
            let entry = try unsafe step(cursor, isLast ? MDB_LAST : MDB_PREV, from: [])
            guard let entry, entry.key.starts(with: prefix) else { return nil }
            return entry
        }
    }

    private func withCursor<Result>(
        _ body: (OpaquePointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var opened: OpaquePointer?
        // Safety: the transaction is alive as long as this value, and the cursor ends before it.
        try environment.check(
            unsafe mdb_cursor_open(pointer, Self.database, &opened),
            "a cursor"
        )
        guard let cursor = unsafe opened else {
            throw StoreError(.failed, environment.path, expected: "a cursor", found: "nothing")
        }
        // Safety: closed before the transaction can end; `body` does not keep it.
        defer { unsafe mdb_cursor_close(cursor) }
        return unsafe try body(cursor)
    }

    /// Moves the cursor and copies the entry that it stands on then; nil past the last one.
    private func step(
        _ cursor: OpaquePointer,
        _ operation: MDB_cursor_op,
        from key: [UInt8]
    ) throws(StoreError) -> Entry? {
        // Safety: LMDB fills the value in or says that there is none.
        var value = unsafe MDB_val()
        var found: [UInt8] = []
        let code = unsafe Self.withEntry(key) { entry in
            let code = unsafe mdb_cursor_get(cursor, &entry, &value, operation)
            // Safety: the key lies in the map until the transaction ends; it is copied here.
            if code == 0 {
                found = unsafe [UInt8](
                    UnsafeRawBufferPointer(start: entry.mv_data, count: entry.mv_size)
                )
            }
            return code
        }
        if code == MDB_NOTFOUND { return nil }
        try environment.check(code, "the entries after '\(Self.text(key))'")
        // Safety: as for the key.
        let bytes = unsafe UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        return Entry(key: found, value: unsafe [UInt8](bytes))
    }

    /// Adds an entry.
    ///
    /// Throws: `alreadyExists` if the key is taken; nothing is ever overwritten.
    func add(_ key: [UInt8], _ bytes: [UInt8]) throws(StoreError) {
        // Safety: every byte of an array of bytes is initialized.
        try add(key, unsafe bytes.span.bytes, paddingBytes: 0, valueBytes: bytes.count)
    }

    /// Adds an entry of `valueBytes` bytes: zeros, with `bytes` in them after `paddingBytes`.
    func add(
        _ key: [UInt8],
        _ bytes: RawSpan,
        paddingBytes: Int,
        valueBytes: Int
    ) throws(StoreError) {
        precondition(paddingBytes + bytes.byteCount <= valueBytes, "value longer than its room")
        // Safety: the room is filled below, before the transaction's next call.
        let room = unsafe try reserve(key, valueBytes, UInt32(MDB_RESERVE | MDB_NOOVERWRITE))
        // Safety: the precondition above keeps the copy inside the room, and nothing else refers to
        // that.
        let end = paddingBytes + bytes.byteCount
        unsafe room[..<paddingBytes].initializeMemory(as: UInt8.self, repeating: 0)
        unsafe room[end...].initializeMemory(as: UInt8.self, repeating: 0)
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[paddingBytes..<end])
                .copyMemory(from: source)
        }
    }

    /// Sets the value of `key`, whether it has one or not.
    func set(_ key: [UInt8], _ bytes: [UInt8]) throws(StoreError) {
        // Safety: the room has as many bytes as are copied into it, before the next call.
        let room = unsafe try reserve(key, bytes.count, UInt32(MDB_RESERVE))
        unsafe room.copyBytes(from: bytes)
    }

    /// Removes `key` and its value; nothing happens if there is none.
    func remove(_ key: [UInt8]) throws(StoreError) {
        // Safety: the key lives for the call; no data means every value of the key, which is the one.
        let code = unsafe Self.withEntry(key) { entry in
            unsafe mdb_del(pointer, Self.database, &entry, nil)
        }
        if code == MDB_NOTFOUND { return }
        try environment.check(code, "the removal of '\(Self.text(key))'")
    }

    /// Room for a value of `byteCount` bytes.
    ///
    /// Safety: the bytes are lent until the transaction's next call, and must all be written.
    private func reserve(
        _ key: [UInt8],
        _ byteCount: Int,
        _ flags: UInt32
    ) throws(StoreError) -> UnsafeMutableRawBufferPointer {
        // Safety: with MDB_RESERVE LMDB sets the pointer and reads nothing through it.
        var value = unsafe MDB_val(mv_size: byteCount, mv_data: nil)
        let code = unsafe Self.withEntry(key) { entry in
            unsafe mdb_put(pointer, Self.database, &entry, &value, flags)
        }
        try environment.check(code, "room for '\(Self.text(key))' of \(byteCount) bytes")
        return unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: byteCount)
    }

    /// Lends `key` to a call of LMDB, which only reads it.
    private static func withEntry(
        _ key: [UInt8],
        _ body: (inout MDB_val) -> Int32
    ) -> Int32 {
        unsafe key.withUnsafeBytes { bytes in
            // Safety: the array lives for the closure; LMDB does not write to a key.
            var entry = unsafe MDB_val(
                mv_size: bytes.count,
                mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            )
            return unsafe body(&entry)
        }
    }

    private static func text(_ key: [UInt8]) -> String {
        key.allSatisfy { (0x20...0x7e).contains($0) }
            ? String(decoding: key, as: UTF8.self) : hexadecimal(key)
    }
}
