import Inference
import Store

/// A GGUF file understood as a model: what grmd needs to know to run it, checked against its tensors.
struct GGUFModel: Sendable {
    /// The family of decoders that the model belongs to.
    let architecture: Architecture
    /// The sizes of the decoder, as the store keeps them.
    let hyperparameters: Hyperparameters
    /// The same as the engine takes them.
    let shape: ModelShape
    /// The tokenizer, of which a `Tokenizer` can be made.
    let tokenizer: TokenizerModel
    /// How a conversation is written as tokens; "chatml" is the only one so far.
    let chatFormat: String
    /// The licence that the file names, or nothing.
    let licence: String
    /// The name that the file gives itself, or nothing.
    let generalName: String

    /// Checks everything about a file that can be checked without its tensor data.
    ///
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ file: GGUFFile) throws(ImportError) {
        architecture = try readArchitecture(of: file)
        hyperparameters = try Hyperparameters(file, of: architecture)
        shape = try readShape(hyperparameters, of: file)
        try checkTensors(of: file, architecture, shape)
        tokenizer = try TokenizerModel(file)
        chatFormat = try readChatFormat(of: file, tokenizer: tokenizer)
        licence = try file.optionalText("general.license") ?? ""
        generalName = try file.optionalText("general.name") ?? ""
    }
}

private func readArchitecture(of file: GGUFFile) throws(ImportError) -> Architecture {
    let key = "general.architecture"
    let name = try file.text(key)
    do {
        return try Architecture(named: name)
    } catch {
        throw file.error(
            .unsupported,
            file.subject(key),
            expected: error.expected,
            found: quoted(name)
        )
    }
}

/// What the engine would refuse is refused here already.
private func readShape(
    _ hyperparameters: Hyperparameters,
    of file: GGUFFile
) throws(ImportError) -> ModelShape {
    do {
        return try ModelShape(hyperparameters)
    } catch {
        throw file.error(
            .unsupported,
            error.subject,
            expected: error.expected,
            found: error.found
        )
    }
}

private func checkTensors(
    of file: GGUFFile,
    _ architecture: Architecture,
    _ shape: ModelShape
) throws(ImportError) {
    let shapes = architecture.tensorShapes(shape)
    for tensor in file.tensors {
        let subject = "tensor \(quoted(tensor.name))"
        guard let shape = shapes[tensor.name] else {
            throw file.error(
                .unsupported,
                subject,
                expected: "a tensor of a \(architecture.name) decoder",
                found: "one that grmd does not know"
            )
        }
        // GGUF has the contiguous dimension first; grmd has rows first.
        guard tensor.dimensions.reversed().elementsEqual(shape) else {
            throw file.error(
                .badFormat,
                subject,
                expected: "rows and columns \(shape)",
                found: "\(Array(tensor.dimensions.reversed()))"
            )
        }
    }
    let missing = Set(shapes.keys).subtracting(file.tensors.map(\.name))
    guard let name = missing.min() else { return }
    throw file.error(
        .badFormat,
        "tensor \(quoted(name))",
        expected: "the tensor",
        found: "a file without it"
    )
}

private func readChatFormat(
    of file: GGUFFile,
    tokenizer: TokenizerModel
) throws(ImportError) -> String {
    let key = "tokenizer.chat_template"
    let template = try file.optionalText(key)
    guard let template, template.contains("<|im_start|>") else {
        throw file.error(
            .unsupported,
            file.subject(key),
            expected: "a template that opens a message with <|im_start|>",
            found: template == nil ? "no template" : "another template"
        )
    }
    for marker in ["<|im_start|>", "<|im_end|>"] {
        let isControl = tokenizer.controlIDs.contains { tokenizer.tokens[Int($0)] == marker }
        guard isControl else {
            throw file.error(
                .unsupported,
                file.subject("tokenizer.ggml.tokens"),
                expected: "the control token \(marker)",
                found: "a vocabulary without it"
            )
        }
    }
    return "chatml"
}
