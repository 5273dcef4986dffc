package import Store
import SwiftProtobuf

extension Grm_V1_Deployment {
    /// One record of the log.
    package init(_ record: DeploymentRecord) {
        self.init()
        number = record.number
        grm.name = record.grmName
        grm.digest = record.grmDigest
        if !record.metaRmDigest.isEmpty {
            metaRm = .with {
                $0.name = record.metaRmName
                $0.digest = record.metaRmDigest
            }
        }
        activatedUnixSeconds = record.unixSeconds
        activatedByUid = record.uid
        reason = record.reason
    }
}
