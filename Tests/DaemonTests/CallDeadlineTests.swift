import GRPCCore
import Testing

@testable import Daemon

@Suite("A call's deadline")
struct CallDeadlineTests {
    private static let readable: [(String, Duration)] = [
        ("2H", .seconds(7200)), ("3M", .seconds(180)), ("4S", .seconds(4)),
        ("5m", .milliseconds(5)), ("6u", .microseconds(6)), ("7n", .nanoseconds(7)),
        ("0S", .zero), ("00000010S", .seconds(10)), ("99999999H", .seconds(359_999_996_400)),
    ]

    @Test("Eight digits and a unit are read", arguments: readable)
    func reads(text: String, expected: Duration) {
        #expect(CallDeadline.timeout(text) == expected)
    }

    @Test(
        "Anything else is no deadline",
        arguments: ["", "S", "5", "5s", "-5S", "+5S", "1.5S", "999999999S", "5 S", "5S ", "٣S"]
    )
    func refuses(text: String) {
        #expect(CallDeadline.timeout(text) == nil)
        #expect(!CallDeadline(["grpc-timeout": .string(text)]).hasPassed)
    }

    @Test("A call without one has all the time, one with none left has none")
    func tellsWhenItHasPassed() {
        #expect(!CallDeadline([:]).hasPassed)
        #expect(!CallDeadline(["grpc-timeout": "1H"]).hasPassed)
        #expect(CallDeadline(["grpc-timeout": "0n"]).hasPassed)
    }
}
