import Scoring
import Store
import SwiftProtobuf
import Wire

extension Grm_V1_ScoreReply {
    /// The reply to a request, but for the time that it took in all.
    init(
        _ outcome: ScoreOperation.Outcome,
        of request: ScoreRequest,
        on deployment: Deployment,
        kept: KeptPrinciples
    ) {
        self.init(outcome.verdict, of: request)
        let counted = Set(outcome.verdict.countedIndexes)
        judgments = outcome.verdict.judgments.map { judgment in
            Grm_V1_Judgment(
                judgment,
                isCounted: counted.contains(judgment.index),
                tokens: outcome.tokens[judgment.index] ?? [],
                parts: request.replyParts
            )
        }
        versions = deployment.served
        principleSets = kept.sets.filter { set in
            outcome.verdict.judgments.contains { $0.principleSource == .cached(set.id) }
        }.map(Grm_V1_PrincipleSet.init)
        let cost = outcome.cost
        timings = .with {
            $0.queueSeconds = cost.queueSeconds
            $0.prefillSeconds = cost.prefillSeconds
            $0.decodeSeconds = cost.decodeSeconds
            $0.metaSeconds = cost.metaSeconds
        }
        usage = .with {
            $0.promptTokens = UInt64(cost.promptTokens)
            $0.promptTokensComputed = UInt64(cost.promptTokensComputed)
            $0.generatedTokens = UInt64(cost.generatedTokens)
            $0.metaTokens = UInt64(cost.metaTokens)
        }
    }
}

extension Deployment {
    /// What the reply says about the versions that served it.
    fileprivate var served: Grm_V1_ServedVersions {
        .with {
            $0.deployment = record.number
            $0.grm = .with {
                $0.name = version.manifest.name
                $0.digest = version.digest
            }
            if let metaRM {
                $0.metaRm = .with {
                    $0.name = metaRM.version.manifest.name
                    $0.digest = metaRM.version.digest
                }
            }
            $0.templateDigest = templateDigest
            $0.daemon = DaemonState.version
        }
    }
}
