package import GRPCCore
import Inference
import Scoring
import Store
import SwiftProtobuf
import Wire

/// Errors of every layer as gRPC statuses.
///
/// The only place that knows gRPC's codes.
package enum StatusMapping {
    /// The status and typed detail of whatever ended a call.
    package static func answer(to error: any Error) -> RPCError {
        switch error {
        case let error as RPCError: error
        case let error as ScoringError: RPCError(error.status, Grm_V1_ErrorDetail(error))
        case let error as InferenceError: RPCError(error.status, error.detail)
        case let error as StoreError: RPCError(error.status, error.detail)
        case let error as DaemonError: RPCError(error.status, error.detail)
        case let error as ConfigurationError: RPCError(.invalidArgument, error.detail)
        default:
            RPCError(
                .internalError,
                .with {
                    $0.code = .internal
                    $0.subject = "daemon"
                    $0.expected = "no such error"
                    $0.found = "\(error)"
                }
            )
        }
    }
}

extension ConfigurationError {
    fileprivate var detail: Grm_V1_ErrorDetail {
        .with {
            $0.code = .configuration
            $0.subject = "\(source): \(key)"
            $0.expected = expected
            $0.found = found
            $0.advice = "mend the file and reload again; the old configuration is in force"
        }
    }
}

extension RPCError {
    fileprivate init(_ code: Code, _ detail: Grm_V1_ErrorDetail) {
        var metadata = Metadata()
        // Encoding a message of plain strings cannot fail; the status stands without it.
        if let bytes: [UInt8] = try? detail.serializedBytes() {
            metadata.addBinary(bytes, forKey: WireError.detailKey)
        }
        var message = "\(detail.subject): expected \(detail.expected), found \(detail.found)"
        if !detail.advice.isEmpty { message += "; \(detail.advice)" }
        self.init(code: code, message: message, metadata: metadata)
    }
}

extension ScoringError {
    fileprivate var status: RPCError.Code {
        switch code {
        case .notSupported: .unimplemented
        case .versionMismatch, .versionUnusable: .failedPrecondition
        case .badLogits: .internalError
        case .noJudgment: .dataLoss
        default: .invalidArgument
        }
    }
}

extension InferenceError {
    fileprivate var status: RPCError.Code {
        switch code {
        case .contextOverflow: .invalidArgument
        case .capacity: .resourceExhausted
        case .cancelled: .cancelled
        case .stopped: .unavailable
        case .badLogits: .internalError
        case .invalidModel, .invalidTokenizer: .failedPrecondition
        }
    }

    fileprivate var detail: Grm_V1_ErrorDetail {
        .with {
            $0.code =
                switch code {
                case .contextOverflow: .contextOverflow
                case .capacity: .tokenBudget
                case .cancelled: .cancelled
                case .stopped: .stopping
                case .badLogits: .badLogits
                case .invalidModel, .invalidTokenizer: .versionUnusable
                }
            $0.subject = subject
            $0.expected = expected
            $0.found = found
            if code == .contextOverflow {
                $0.advice = "shorten the texts or lower max_judgment_tokens"
            }
        }
    }
}

extension StoreError {
    fileprivate var status: RPCError.Code {
        switch code {
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .corrupt: .dataLoss
        case .busy: .unavailable
        case .full, .noSpace: .resourceExhausted
        case .permission: .permissionDenied
        case .invalid: .invalidArgument
        case .tooNew: .failedPrecondition
        case .failed: .internalError
        }
    }

    fileprivate var detail: Grm_V1_ErrorDetail {
        .with {
            $0.code = code == .notFound ? .versionUnknown : .store
            $0.subject = subject
            $0.expected = expected
            $0.found = found
        }
    }
}

extension DaemonError {
    fileprivate var status: RPCError.Code {
        switch code {
        case .queueFull: .resourceExhausted
        case .draining: .unavailable
        case .noDeployment, .versionMismatch, .versionUnusable, .lockHeld, .principlesOff:
            .failedPrecondition
        case .principlesMissing: .notFound
        case .permission: .permissionDenied
        case .tooLarge, .invalidArgument: .invalidArgument
        case .deadline: .deadlineExceeded
        case .cancelled: .cancelled
        case .notSupported: .unimplemented
        }
    }

    fileprivate var detail: Grm_V1_ErrorDetail {
        .with {
            $0.code =
                switch code {
                case .queueFull: .queueFull
                case .draining: .draining
                case .noDeployment: .noDeployment
                case .versionMismatch: .versionMismatch
                case .versionUnusable: .versionUnusable
                case .deadline: .deadline
                case .cancelled: .cancelled
                case .notSupported: .notSupported
                case .lockHeld, .permission: .store
                case .tooLarge: .tokenBudget
                case .invalidArgument: .configuration
                case .principlesOff, .principlesMissing: .principles
                }
            $0.subject = subject
            $0.expected = expected
            $0.found = found
            $0.advice = advice
            if let retryAfterSeconds { $0.retryAfterSeconds = retryAfterSeconds }
        }
    }
}
