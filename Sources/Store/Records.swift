// The records of the store under their short names. The generated types keep the long ones, which
// come from the package of Protos/grm/store/v1/store.proto.

/// One imported model version as the catalogue keeps it.
package typealias VersionManifest = Grm_Store_V1_VersionManifest
/// The sizes of a model that its decoder needs.
package typealias Hyperparameters = Grm_Store_V1_Hyperparameters
/// How a version's conversations become text.
package typealias ChatFormat = Grm_Store_V1_ChatFormat
/// Sampling settings that a version prefers.
package typealias GenerationDefaults = Grm_Store_V1_GenerationDefaults
/// One tensor of a version: name, format, shape, and where its bytes lie.
package typealias TensorRecord = Grm_Store_V1_TensorRecord
/// Where a value lies: pack, key, length, digest.
package typealias BlobRecord = Grm_Store_V1_BlobRecord
/// The file that a version was imported from.
package typealias SourceRecord = Grm_Store_V1_Source
/// What an import did to the numbers of one source type that it could not keep as they were.
package typealias RoundingRecord = Grm_Store_V1_Rounding
/// A tokenizer as packs keep it.
package typealias TokenizerRecord = Grm_Store_V1_TokenizerRecord
/// One record of the deployment log.
package typealias DeploymentRecord = Grm_Store_V1_DeploymentRecord
/// One set of principles of the principle cache.
package typealias PrincipleSetRecord = Grm_Store_V1_PrincipleSetRecord
/// One principle of such a set.
package typealias PrincipleRecord = Grm_Store_V1_PrincipleRecord
typealias Sealed = Grm_Store_V1_Sealed
