import Foundation
import Store

extension SourceFile {
    /// How far this file has been read.
    func progress(_ phase: ImportProgress.Phase, tensor: String = "") -> ImportProgress {
        ImportProgress(phase: phase, tensor: tensor, bytesDone: position, bytesTotal: byteCount)
    }

    /// Reads what is left and describes the file as it was read.
    ///
    /// Throws: `changed`; `digestMismatch` if a digest is expected and the file has another.
    consuming func finish(
        expecting expected: String?
    ) throws(ImportError) -> SourceRecord {
        var record = SourceRecord()
        record.file = name
        record.bytes = byteCount
        record.sha256 = try finish()
        let found = hexadecimal(record.sha256)
        guard expected == nil || expected?.lowercased() == found else {
            throw ImportError(
                .digestMismatch,
                subject: record.file,
                expected: "SHA-256 \(expected ?? "")",
                found: found
            )
        }
        return record
    }
}
