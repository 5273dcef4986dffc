import Store
import SwiftProtobuf
import Wire

extension StoredVersion {
    /// The line of a list.
    func summary(isActive: Bool) -> Grm_V1_VersionSummary {
        .with {
            $0.name = manifest.name
            $0.digest = digest
            $0.architecture = manifest.architecture
            $0.parameters = manifest.tensors.reduce(0) { sum, tensor in
                sum + tensor.shape.reduce(1) { $0 * UInt64($1) }
            }
            $0.bytes = manifest.tensors.reduce(0) { $0 + $1.blob.bytes }
            $0.importedUnixSeconds = manifest.importedUnixSeconds
            $0.active = isActive
            $0.source = manifest.source.file
            $0.licence = manifest.licence
            $0.parent = manifest.parent
        }
    }

    /// Everything there is to show.
    func shown(isActive: Bool) -> Grm_V1_ShowVersionReply {
        let sizes = manifest.hyperparameters
        return .with {
            $0.summary = summary(isActive: isActive)
            $0.details = [
                "layers": "\(sizes.layerCount)", "width": "\(sizes.width)",
                "heads": "\(sizes.headCount)", "kv_heads": "\(sizes.kvHeadCount)",
                "head_width": "\(sizes.headWidth)",
                "feed_forward_width": "\(sizes.feedForwardWidth)",
                "vocabulary": "\(sizes.vocabularyCount)", "context": "\(sizes.contextTokens)",
                "chat_format": manifest.chatFormat.name, "role": manifest.role,
                "source_name": manifest.source.generalName, "importer": manifest.importer,
            ]
            $0.tensors = manifest.tensors.map { tensor in
                .with {
                    $0.name = tensor.name
                    $0.format = tensor.format
                    $0.shape = tensor.shape.map(UInt64.init)
                    $0.bytes = tensor.blob.bytes
                    $0.digest = tensor.blob.sha256.map { String($0, radix: 16) }.joined()
                }
            }
        }
    }
}

extension DeploymentRecord {
    var message: Grm_V1_Deployment {
        .with {
            $0.number = number
            $0.grm = .with {
                $0.name = grmName
                $0.digest = grmDigest
            }
            if !metaRmDigest.isEmpty {
                $0.metaRm = .with {
                    $0.name = metaRmName
                    $0.digest = metaRmDigest
                }
            }
            $0.activatedUnixSeconds = unixSeconds
            $0.activatedByUid = uid
            $0.reason = reason
        }
    }
}
