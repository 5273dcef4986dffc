import Foundation
import Inference
import Store
import SwiftProtobuf

extension TinyStore {
    /// Adds a version with the tensors of another one and a head, and what else `change` makes of it.
    func addHead(
        _ kind: ScalarHead.Kind,
        weight: (Int) -> Float = { Float($0 % 7) / 4 - 0.75 },
        to parent: String = "b",
        as name: String,
        change: (inout VersionManifest) -> Void = { _ in }
    ) throws -> StoredVersion {
        var manifest = try catalogue.version(parent).manifest
        let values = (0..<Int(manifest.hyperparameters.width)).map(weight)
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        var pack = try PackWriter(in: directory, bytesExpected: UInt64(bytes.count))
        try pack.append(key: kind.weightName, bytes: Data(bytes).bytes)
        let blobs = try pack.seal()
        manifest.tensors.append(
            .with {
                $0.name = kind.weightName
                $0.format = "f32"
                $0.shape = [UInt32(values.count)]
                if let blob = blobs[kind.weightName] { $0.blob = blob }
                $0.sourceType = "F32"
            }
        )
        manifest.name = name
        if kind == .score { manifest.role = "meta-rm" }
        change(&manifest)
        return try catalogue.add(manifest)
    }
}
