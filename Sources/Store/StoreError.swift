import Foundation

/// A refusal or failure of the store: which thing, what was expected of it, what was found.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    package enum Code: String, Hashable, Sendable {
        /// No such version, pack, value, catalogue or folder.
        case notFound
        /// The name or key is taken by something else.
        case alreadyExists
        /// Bytes on disk are not what was written.
        case corrupt
        /// Another process or task holds the lock.
        case busy
        /// A fixed limit of the store itself is reached.
        case full
        /// The file system has no room left.
        case noSpace
        /// Written by a later release, which this one must not touch.
        case tooNew
        /// The process may not read or write there.
        case permission
        /// The caller asked for something that cannot be.
        case invalid
        /// Anything else that the system reported.
        case failed
    }

    /// The kind of failure.
    package let code: Code
    /// The thing that the failure is about, such as a path or the name of a version.
    package let subject: String
    /// What was expected of the subject.
    package let expected: String
    /// What was found instead.
    package let found: String
    /// The code that LMDB or the system returned; 0 if there was none.
    package let lmdbCode: Int32

    /// Makes an error; every text names things, since it is shown to operators as it is.
    package init(
        _ code: Code,
        _ subject: String,
        expected: String,
        found: String,
        lmdbCode: Int32 = 0
    ) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
        self.lmdbCode = lmdbCode
    }

    /// The error as one line for people.
    package var description: String {
        let number = lmdbCode == 0 ? "" : " (code \(lmdbCode))"
        return "\(subject): expected \(expected), found \(found)\(number)"
    }
}

extension StoreError {
    /// The kind of failure that an `errno` value stands for.
    static func kind(ofErrno number: Int32) -> Code {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EEXIST: .alreadyExists
        case EACCES, EPERM, EROFS: .permission
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EAGAIN, EBUSY: .busy
        default: .failed
        }
    }

    /// Runs calls of Foundation on the file `subject` and turns what they throw into a store error.
    static func onFile<Result>(
        _ subject: String,
        _ expected: String,
        _ body: () throws -> Result
    ) throws(StoreError) -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch {
            let number = errno(of: error as NSError)
            throw StoreError(
                kind(ofErrno: number),
                subject,
                expected: expected,
                found: error.localizedDescription,
                lmdbCode: number
            )
        }
    }

    /// The `errno` value inside an error of Foundation, 0 if there is none.
    private static func errno(of error: NSError) -> Int32 {
        if error.domain == NSPOSIXErrorDomain { return Int32(clamping: error.code) }
        if let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError { return errno(of: inner) }
        guard error.domain == NSCocoaErrorDomain else { return 0 }
        switch CocoaError.Code(rawValue: error.code) {
        case .fileNoSuchFile, .fileReadNoSuchFile: return ENOENT
        case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
        case .fileWriteVolumeReadOnly: return EROFS
        case .fileWriteOutOfSpace: return ENOSPC
        case .fileWriteFileExists: return EEXIST
        default: return 0
        }
    }
}
