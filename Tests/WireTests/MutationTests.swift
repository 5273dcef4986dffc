import GRPCCore
import Scoring
import SwiftProtobuf
import Testing
import Wire

@Suite("Bytes that nobody meant to send")
struct MutationTests {
    /// Numbers that are the same in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            let mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            return mixed ^ (mixed >> 31)
        }
    }

    private func mutated(_ bytes: [UInt8], _ numbers: inout Numbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let place = Int.random(in: 0..<max(bytes.count, 1), using: &numbers)
            guard place < bytes.count else { return bytes }
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &numbers)
            case 2: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: [0xff, 0xff, 0xff, 0xff, 0x0f], at: place)
            }
        }
        return bytes
    }

    @Test("A request is either refused or judged, never a trap", arguments: [1, 2, 3])
    func refusesOrTakes(seed: UInt64) throws {
        var numbers = Numbers(state: seed)
        let sources: [[UInt8]] = try [
            Grm_V1_ScoreRequest.whole.serializedBytes(),
            Grm_V1_ScoreRequest.small.serializedBytes(),
        ]
        var counts = (unreadable: 0, refused: 0, taken: 0)
        for round in 0..<3000 {
            let bytes = mutated(sources[round % 2], &numbers)
            do {
                let message = try Grm_V1_ScoreRequest(serializedBytes: bytes)
                let request = try ScoreRequestDraft(message).checked()
                let order = Array(request.responses.indices)
                let prompt = PromptTemplate.standard.prompt(
                    for: request,
                    PromptCase(.scores, order: order),
                    principles: request.principles
                )
                #expect(prompt.segments.count >= 2)
                counts.taken += 1
            } catch let error as ScoringError {
                #expect(!error.subject.isEmpty)
                counts.refused += 1
            } catch is SwiftProtobufError {
                counts.unreadable += 1
            } catch is BinaryDecodingError {
                counts.unreadable += 1
            }
        }
        #expect(counts.unreadable > 100 && counts.refused > 100 && counts.taken > 100, "\(counts)")
    }

    @Test("A broken detail of a refusal is no detail, never a trap")
    func readsBrokenDetails() throws {
        var numbers = Numbers(state: 4)
        let detail: [UInt8] = try Grm_V1_ErrorDetail.with {
            $0.code = .topP
            $0.subject = "top_p"
            $0.expected = "above 0"
            $0.found = "0"
        }.serializedBytes()
        var count = 0
        for _ in 0..<2000 {
            var metadata = Metadata()
            metadata.addBinary(mutated(detail, &numbers), forKey: WireError.detailKey)
            let error = WireError(RPCError(code: .internalError, message: "m", metadata: metadata))
            #expect(error.status == .internalError && !"\(error)".isEmpty)
            count += error.detail == nil ? 1 : 0
        }
        #expect(count > 100)
    }
}
