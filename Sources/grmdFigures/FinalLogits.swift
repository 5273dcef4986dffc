import Foundation
import Inference
import Kernels

/// The logits after the last token of prompts, with the arithmetic that the engine uses.
struct FinalLogits {
    private let decoder: Decoder

    init(_ model: FiguresModel, threadCount: Int) throws {
        decoder = Decoder(
            weights: model.weights,
            shape: model.shape,
            pool: try ComputePool(threadCount: threadCount)
        )
    }

    /// Writes one row of little-endian f32 values for each prompt.
    ///
    /// Shape: [prompts, vocabulary].
    func write(after prompts: [[UInt32]], to path: String) throws {
        var bytes = Data()
        for prompt in prompts {
            for value in logits(after: prompt) {
                let bits = value.bitPattern
                for shift in stride(from: 0, to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func logits(after prompt: [UInt32]) -> [Float] {
        let tokens = prompt.map(TokenID.init)
        let block = decoder.shape.makeBlock(tokens: tokens.count)
        var state: [Float] = []
        for start in stride(from: 0, to: tokens.count, by: decoder.rowsMax) {
            let part = Array(tokens[start..<min(start + decoder.rowsMax, tokens.count)])
            let run = DecoderRun(
                tokens: part,
                position: start,
                shared: [],
                block: block,
                place: start
            )
            state = decoder.forward([run]).copyRow(part.count - 1)
            block.count += part.count
        }
        return decoder.logits(of: [state]).copyRow(0)
    }
}
