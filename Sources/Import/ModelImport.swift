package import Store

/// Reads a GGUF file and adds it to a store as a new version.
///
/// The version becomes visible with the last write, and only if every byte of the file was read
/// and nobody wrote to it meanwhile. A file that is already there under its name, in the same
/// formats, is not written again.
///
/// - Parameters:
///   - path: The file; a symbolic link is not followed.
///   - directory: The store.
///   - options: What does not follow from the file.
///   - progress: Called on the caller's thread, about once a tensor.
/// - Returns: The version as it is in the catalogue.
/// - Throws: `ImportError`; `store` with `alreadyExists` if the name belongs to another version,
///   with `busy` if somebody else is importing.
///
/// Cost: reads the file once; memory for one tensor and the vocabulary.
package func importModel(
    at path: String,
    into directory: StoreDirectory,
    options: ImportOptions,
    progress: (ImportProgress) -> Void
) throws(ImportError) -> StoredVersion {
    try options.check()
    var source = try SourceFile(opening: path)
    progress(source.progress(.reading))
    let plan = try ImportPlan(GGUFFile(reading: &source), options: options)
    let lock = try storing { () throws(StoreError) in try ImportLock(directory) }
    let catalogue = try storing { () throws(StoreError) in
        try Catalogue(directory, access: .writing)
    }
    let versions = try storing { () throws(StoreError) in try catalogue.versions() }
    let total = source.byteCount
    if let stored = versions.first(where: { $0.manifest.name == plan.name }) {
        progress(source.progress(.digesting))
        try plan.check(stored, isMadeFrom: try source.finish(expecting: options.expectedSHA256))
        progress(ImportProgress(phase: .done, tensor: "", bytesDone: total, bytesTotal: total))
        return stored
    }
    let manifest = try writePack(
        plan,
        from: source,
        to: directory,
        options: options,
        progress: progress
    )
    let version = try storing { () throws(StoreError) in try catalogue.add(manifest) }
    progress(ImportProgress(phase: .done, tensor: "", bytesDone: total, bytesTotal: total))
    _ = consume lock
    return version
}

/// Packs all tensors, in the order of the file so that it is read once, and then the tokenizer.
private func writePack(
    _ plan: ImportPlan,
    from source: consuming SourceFile,
    to directory: StoreDirectory,
    options: ImportOptions,
    progress: (ImportProgress) -> Void
) throws(ImportError) -> VersionManifest {
    let tokenizer = try plan.tokenizerBytes()
    let bytesExpected = plan.packedBytes + UInt64(tokenizer.count)
    var pack = try PackedTensors(in: directory, bytesExpected: bytesExpected)
    for tensor in plan.tensors {
        progress(source.progress(.packing, tensor: tensor.tensor.name))
        try pack.append(tensor, from: &source)
    }
    try pack.append(tokenizer, key: tokenizerKey)
    progress(source.progress(.digesting))
    let record = try source.finish(expecting: options.expectedSHA256)
    let rounding = pack.rounding
    return plan.manifest(source: record, blobs: try pack.seal(), rounding: rounding)
}

/// Runs one call of the store and turns its error into one of an import.
private func storing<Result: ~Copyable>(
    _ body: () throws(StoreError) -> Result
) throws(ImportError) -> Result {
    do {
        return try body()
    } catch {
        throw ImportError(error)
    }
}
