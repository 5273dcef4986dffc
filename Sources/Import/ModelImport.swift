package import Store

/// Reads a model, an adapter or a probe and adds what it makes to a store as a new version.
///
/// The version becomes visible with the last write, and only if every byte of the files was read
/// and nobody wrote to them meanwhile. What is already there under its name, made from the same files
/// with the same options, is not written again.
///
/// - Parameters:
///   - path: A GGUF file; a folder with config.json, tokenizer.json and safetensors, or the
///     model.safetensors in it; a folder with a LoRA adapter of PEFT; a folder with probe.safetensors.
///     Symbolic links are not followed.
///   - directory: The store.
///   - options: What does not follow from the files.
///   - progress: Called on the caller's thread, about once a tensor.
/// - Returns: The version as it is in the catalogue.
/// - Throws: `ImportError`; `store` with `alreadyExists` if the name belongs to another version,
///   with `busy` if somebody else is importing, with `notFound` if there is no version to merge onto.
///
/// Cost: reads each file once, and headers of safetensors twice; memory for one tensor, the
/// vocabulary, and the whole of an adapter.
package func importModel(
    at path: String,
    into directory: StoreDirectory,
    options: ImportOptions,
    progress: (ImportProgress) -> Void
) throws(ImportError) -> StoredVersion {
    try options.check()
    let place = try ImportPlace(path)
    switch place.form {
    case .gguf, .checkpoint:
        guard options.onto == nil else {
            throw ImportOptions.error(
                "--onto",
                expected: "a folder with an adapter or a probe",
                found: "a whole model"
            )
        }
        return place.form == .gguf
            ? try importGGUF(at: path, into: directory, options: options, progress: progress)
            : try importCheckpoint(in: place, into: directory, options: options, progress: progress)
    case .adapter, .probe:
        guard let onto = options.onto else {
            throw ImportOptions.error(
                "--onto",
                expected: "the version that \(quoted(place.name)) belongs to",
                found: "none"
            )
        }
        let change = try ModelChange(reading: place)
        let session = try ImportSession(directory)
        let plan = try MergePlan(change, onto: session.version(onto), options: options)
        return try plan.run(session, in: directory, progress: progress)
    }
}

private func importGGUF(
    at path: String,
    into directory: StoreDirectory,
    options: ImportOptions,
    progress: (ImportProgress) -> Void
) throws(ImportError) -> StoredVersion {
    var source = try SourceFile(opening: path)
    progress(source.progress(.reading))
    let plan = try ImportPlan(GGUFFile(reading: &source), options: options)
    let session = try ImportSession(directory)
    let total = source.byteCount
    if let stored = try session.version(named: plan.name) {
        progress(source.progress(.digesting))
        try plan.check(stored, isMadeFrom: try source.finish(expecting: options.expectedSHA256))
        progress(ImportProgress(phase: .done, tensor: "", bytesDone: total, bytesTotal: total))
        return stored
    }
    var pack = try PackedTensors(in: directory, bytesExpected: plan.packedBytes())
    for tensor in plan.tensors {
        progress(source.progress(.packing, tensor: tensor.tensor.name))
        try pack.append(tensor, from: &source)
    }
    progress(source.progress(.digesting))
    let record = try source.finish(expecting: options.expectedSHA256)
    let version = try session.add(pack.seal(plan, source: record))
    progress(ImportProgress(phase: .done, tensor: "", bytesDone: total, bytesTotal: total))
    return version
}

private func importCheckpoint(
    in place: ImportPlace,
    into directory: StoreDirectory,
    options: ImportOptions,
    progress: (ImportProgress) -> Void
) throws(ImportError) -> StoredVersion {
    let checkpoint = try Checkpoint(reading: place)
    progress(checkpoint.progress(.reading))
    let plan = try ImportPlan(checkpoint, options: options)
    let session = try ImportSession(directory)
    let version: StoredVersion
    if let stored = try session.version(named: plan.name) {
        let digests = try checkpoint.readShards(progress) { (_, _) throws(ImportError) in }
        try plan.check(
            stored,
            isMadeFrom: digests.record(of: place.name, expecting: options.expectedSHA256)
        )
        version = stored
    } else {
        var pack = try PackedTensors(in: directory, bytesExpected: plan.packedBytes())
        let digests = try checkpoint.readShards(progress) { (index, source) throws(ImportError) in
            for tensor in plan.tensors where tensor.tensor.file == index {
                let name = tensor.tensor.name
                progress(checkpoint.progress(.packing, tensor: name, shard: index, source))
                try pack.append(tensor, from: &source)
            }
        }
        let record = try digests.record(of: place.name, expecting: options.expectedSHA256)
        version = try session.add(pack.seal(plan, source: record))
    }
    progress(checkpoint.progress(.done))
    return version
}
