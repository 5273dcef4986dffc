package import GRPCCore
import SwiftProtobuf

/// Why a call did not give an answer, with the detail that grmd attaches to every refusal.
package struct WireError: Error, Sendable, CustomStringConvertible {
    /// The gRPC status.
    package let status: RPCError.Code
    package let message: String
    /// What was expected and found, if the daemon said so.
    package let detail: Grm_V1_ErrorDetail?

    /// The trailer that carries an `ErrorDetail`.
    package static let detailKey = "grm-error-bin"

    /// Reads the status and the detail, if there is one.
    package init(_ error: RPCError) {
        status = error.code
        message = error.message
        detail =
            error.metadata[binaryValues: Self.detailKey].lazy.compactMap {
                // A detail that does not parse is as good as none: the status still stands.
                try? Grm_V1_ErrorDetail(serializedBytes: $0)
            }.first
    }

    package var description: String {
        guard let detail, !detail.expected.isEmpty else { return "\(status): \(message)" }
        let advice = detail.advice.isEmpty ? "" : "; \(detail.advice)"
        return "\(detail.subject): expected \(detail.expected), found \(detail.found)\(advice)"
    }
}
