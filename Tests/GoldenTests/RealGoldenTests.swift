import Foundation
import Inference
import Kernels
import Testing

/// A real model that this machine may have.
struct RealModel: Sendable, CustomTestStringConvertible {
    /// The name of its fixture.
    let name: String
    /// The variable of the environment that holds the path of its file.
    let variable: String

    static let all = [
        RealModel(name: "smollm2-q4_1", variable: "GRMD_MODEL"),
        RealModel(name: "qwen2.5-coder-0.5b", variable: "GRMD_QWEN_MODEL"),
        RealModel(name: "qwen2.5-coder-1.5b", variable: "GRMD_QWEN_LARGE_MODEL"),
    ]

    /// Those that this machine has.
    static let present = all.filter { $0.path != nil }

    var path: String? { ProcessInfo.processInfo.environment[variable] }

    var testDescription: String { name }
}

/// Real models against transformers: SmolLM2-135M-Instruct and two sizes of Qwen2.5-Coder-Instruct.
///
/// Runs for those whose files the environment names.
@Suite(
    "real models against the reference",
    .serialized,
    .enabled(if: !RealModel.present.isEmpty, "GRMD_MODEL and the like name no model")
)
struct RealGoldenTests {
    @Test(
        "with the numbers of the file: tokens, first block, logits, perplexity",
        arguments: RealModel.present
    )
    func packed(real: RealModel) throws {
        let comparison = try GoldenComparison(real, format: nil)
        try comparison.checkTokens()
        try comparison.checkBlock("int8", tolerance: 1)
        try comparison.checkRoundedLogits()
        try comparison.reportPerplexity(against: "int8", "f32")
    }

    @Test(
        "widened to f32: hidden states, logits, greedy continuations, perplexity",
        arguments: RealModel.present
    )
    func widened(real: RealModel) throws {
        let comparison = try GoldenComparison(real, format: .f32)
        try comparison.checkBlock("attention", tolerance: 0)
        try comparison.checkHiddenStates()
        try comparison.checkLogits()
        try comparison.checkGreedy()
        let ratio = try comparison.reportPerplexity(against: "f32", "attention")
        #expect(abs(ratio - 1) <= 0.001, "perplexity: run tools/golden")
    }
}
