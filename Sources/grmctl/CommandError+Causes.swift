import GRPCCore
import Import
import Store
import Wire

extension CommandError {
    init(_ error: StoreError) {
        let (code, advice): (Code, String) =
            switch error.code {
            case .notFound: (.notFound, "")
            case .alreadyExists: (.failed, "choose another name with --name")
            case .corrupt: (.corrupt, "import the version again under another name")
            case .busy: (.busy, "")
            case .full: (.failed, "")
            case .noSpace: (.failed, "make room, for example with grmctl gc")
            case .tooNew: (.failed, "use a grmctl of the release that wrote it")
            case .permission: (.permission, "run grmctl as the user that owns the store")
            case .invalid: (.usage, "")
            case .failed: (.failed, "")
            }
        let number = error.lmdbCode == 0 ? "" : " (code \(error.lmdbCode))"
        self.init(
            code,
            subject: error.subject,
            expected: error.expected,
            found: error.found + number,
            advice: advice
        )
    }

    init(_ error: ImportError) {
        if case .store(let cause) = error.code {
            self.init(cause)
            return
        }
        let (code, advice): (Code, String) =
            switch error.code {
            case .notFound: (.notFound, "")
            case .unreadable: (.permission, "")
            case .notRegularFile:
                (.failed, "name the file or folder itself; links are not followed")
            case .badFormat: (.corrupt, "fetch or convert the file again")
            case .unsupported: (.failed, "")
            case .limit: (.failed, "")
            case .changed: (.failed, "import it again when nobody writes to it")
            case .digestMismatch: (.corrupt, "fetch the file again")
            case .invalidOption: (.usage, "see grmctl import --help")
            case .store: (.failed, "")
            }
        self.init(
            code,
            subject: error.subject,
            expected: error.expected,
            found: error.found,
            advice: advice
        )
    }

    /// A refusal or failure of a call to the daemon that listens at `socket`.
    init(_ error: WireError, socket: String) {
        guard let detail = error.detail else {
            self = Self.withoutDetail(error, socket: socket)
            return
        }
        self.init(
            Code(detail.code) ?? Code(error.status),
            subject: detail.subject,
            expected: detail.expected,
            found: detail.found,
            advice: detail.advice
        )
    }

    /// Nobody listening has no detail: nobody was there to attach one.
    private static func withoutDetail(_ error: WireError, socket: String) -> CommandError {
        switch error.status {
        case .unavailable:
            .unreachable(socket, found: error.message.isEmpty ? "nobody" : error.message)
        case .deadlineExceeded:
            CommandError(
                .failed,
                subject: "grmd at \(socket)",
                expected: "an answer in time",
                found: "none before the deadline",
                advice: "allow more time with --timeout"
            )
        default:
            CommandError(
                Code(error.status),
                subject: "grmd at \(socket)",
                expected: "an answer",
                found: "\(error.status): \(error.message)"
            )
        }
    }

    /// No daemon at a socket.
    static func unreachable(_ socket: String, found: String) -> CommandError {
        CommandError(
            .unreachable,
            subject: socket,
            expected: "grmd listening",
            found: found,
            advice: "start it with `systemctl start grmd`, or name another socket with --socket "
                + "or --admin-socket"
        )
    }
}

extension CommandError.Code {
    fileprivate init(_ status: RPCError.Code) {
        self =
            switch status {
            case .invalidArgument, .outOfRange: .usage
            case .notFound: .notFound
            case .resourceExhausted, .aborted, .unavailable: .busy
            case .permissionDenied, .unauthenticated: .permission
            case .dataLoss: .corrupt
            default: .failed
            }
    }

    /// What the daemon's own code says more exactly than the status; nil if the status says it all.
    fileprivate init?(_ code: Grm_V1_ErrorCode) {
        switch code {
        case .queueFull, .draining, .stopping: self = .busy
        case .versionUnknown: self = .notFound
        case .noDeployment, .deadline, .noJudgment, .notSupported: self = .failed
        default: return nil
        }
    }
}

/// Runs calls of the store and turns its errors into those of a command.
func storing<Result: ~Copyable>(
    _ body: () throws(StoreError) -> Result
) throws(CommandError) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw CommandError(error)
    }
}
