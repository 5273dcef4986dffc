import GRPCCore
import Scoring
import SwiftProtobuf
import Testing
import Wire

@Suite("A refusal over the wire")
struct WireErrorTests {
    private func error(trailer: [UInt8]?) -> WireError {
        var metadata = Metadata()
        if let trailer { metadata.addBinary(trailer, forKey: WireError.detailKey) }
        return WireError(
            RPCError(code: .invalidArgument, message: "plain text", metadata: metadata)
        )
    }

    @Test("The detail comes over and is what a person reads")
    func readsDetail() throws {
        let detail = Grm_V1_ErrorDetail.with {
            $0.code = .sampleCount
            $0.subject = "k_max"
            $0.expected = "1 to 64"
            $0.found = "65"
            $0.advice = "ask for fewer"
            $0.retryAfterSeconds = 2
        }
        let error = error(trailer: try detail.serializedBytes())
        #expect(error.status == .invalidArgument)
        #expect(error.detail == detail)
        #expect("\(error)" == "k_max: expected 1 to 64, found 65; ask for fewer")
    }

    @Test("Without a detail the status and its text stand")
    func standsWithoutDetail() {
        let error = error(trailer: nil)
        #expect(error.status == .invalidArgument)
        #expect(error.detail == nil)
        #expect("\(error)".contains("plain text"))
    }

    @Test("A detail that does not parse, or says nothing, leaves the status and its text")
    func standsWithBrokenDetail() throws {
        let broken = error(trailer: [0x0a, 0xff, 0xff])
        #expect(broken.status == .invalidArgument)
        #expect(broken.detail == nil)
        #expect("\(broken)".contains("plain text"))
        let empty = error(trailer: [])
        #expect("\(empty)".contains("plain text"))
    }

    @Test("Each refusal of a request has its own number", arguments: ScoringError.Code.allCases)
    func numbersRefusals(code: ScoringError.Code) {
        let error = ScoringError(code, subject: "s", expected: "e", found: "f", advice: "a")
        let detail = Grm_V1_ErrorDetail(error)
        let same = ScoringError.Code.allCases.filter { other in
            let error = ScoringError(other, subject: "", expected: "", found: "", advice: "")
            return Grm_V1_ErrorDetail(error).code == detail.code
        }
        #expect(same == [code])
        #expect(detail.code != .unspecified)
        let texts = [detail.subject, detail.expected, detail.found, detail.advice]
        #expect(texts == ["s", "e", "f", "a"])
        #expect(!detail.hasRetryAfterSeconds)
    }
}
