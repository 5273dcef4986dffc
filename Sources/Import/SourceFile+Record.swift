import Foundation
import Store

extension SourceFile {
    /// How far this file has been read, behind others of the same import.
    func progress(
        _ phase: ImportProgress.Phase,
        tensor: String = "",
        before: UInt64 = 0,
        total: UInt64? = nil
    ) -> ImportProgress {
        ImportProgress(
            phase: phase,
            tensor: tensor,
            bytesDone: before + position,
            bytesTotal: total ?? byteCount
        )
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
        try record.check(expecting: expected)
        return record
    }
}
