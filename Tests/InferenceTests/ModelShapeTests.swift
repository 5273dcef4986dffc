import Inference
import Kernels
import Store
import Testing

@Suite("Sizes of a model")
struct ModelShapeTests {
    /// A record of sound sizes, changed.
    private func record(_ change: (inout Hyperparameters) -> Void) -> Hyperparameters {
        var record = Hyperparameters()
        record.layerCount = 2
        record.width = 64
        record.headCount = 4
        record.kvHeadCount = 2
        record.headWidth = 16
        record.feedForwardWidth = 96
        record.vocabularyCount = 288
        record.contextTokens = 1024
        record.ropeBase = 10_000
        record.normEpsilon = 1e-5
        change(&record)
        return record
    }

    private func refusal(_ change: (inout Hyperparameters) -> Void) -> InferenceError? {
        do throws(InferenceError) {
            _ = try ModelShape(record(change))
            return nil
        } catch {
            return error
        }
    }

    @Test("sound sizes are taken as they are", arguments: [16, 48, 64, 128, 256] as [UInt32])
    func sound(headWidth: UInt32) throws {
        let shape = try ModelShape(record { $0.headWidth = headWidth })
        #expect(shape.headWidth == Int(headWidth))
        #expect(shape.keyValueWidth == 2 * Int(headWidth))
        #expect(shape.heads.queryHeads == 4 && shape.heads.keyValueHeads == 2)
    }

    @Test("a head width that attention cannot take is refused", arguments: [0, 2, 24, 100, 272])
    func headWidth(width: Int) {
        let error = refusal { $0.headWidth = UInt32(width) }
        #expect(error?.code == .invalidModel && error?.subject == "head width")
        #expect(error?.expected == "16 to 256, a multiple of 16")
        #expect(error?.found == "\(width)")
    }

    @Test("sizes that are zero, over their cap or at odds with one another are refused by name")
    func refusals() {
        let cases: [(String, (inout Hyperparameters) -> Void)] = [
            ("layers", { $0.layerCount = 0 }), ("layers", { $0.layerCount = 1025 }),
            ("width", { $0.width = 48 }), ("heads", { $0.headCount = 0 }),
            ("heads", { $0.headCount = 5 }), ("key-value heads", { $0.kvHeadCount = 2000 }),
            (
                "heads x head width",
                {
                    $0.headCount = 1
                    $0.kvHeadCount = 1
                }
            ),
            ("feed-forward width", { $0.feedForwardWidth = 100 }),
            ("vocabulary", { $0.vocabularyCount = 0 }), ("context", { $0.contextTokens = 0 }),
            ("rope base and norm epsilon", { $0.ropeBase = .nan }),
            ("rope base and norm epsilon", { $0.normEpsilon = 0 }),
        ]
        for (subject, change) in cases {
            let error = refusal(change)
            #expect(error?.code == .invalidModel && error?.subject == subject, "\(subject)")
        }
    }
}
