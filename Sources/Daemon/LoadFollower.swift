package import Scoring
import Synchronization

/// Follows the load of the daemon and says how many judgments it allows a request.
package final class LoadFollower: Sendable {
    private let law = Mutex(LoadLimit())

    /// Has seen no load.
    package init() {}

    /// Takes a measurement.
    ///
    /// - Parameters:
    ///   - load: What was measured.
    ///   - kMin: The least number of judgments of a request.
    ///   - kMax: The greatest.
    /// - Returns: The greatest number that the load allows.
    package func limit(_ load: LoadLimit.Load, kMin: Int, kMax: Int) -> Int {
        law.withLock { law in
            law.update(load)
            return law.limit(kMin: kMin, kMax: kMax)
        }
    }
}

extension DaemonState {
    /// What time and load allow a request that has just been admitted.
    func allowance(on deployment: Deployment, deadline: CallDeadline) -> Allowance {
        Allowance(deadline: deadline.instant) { kMin, kMax in
            // Nothing can be lowered, so nothing is measured.
            guard kMin < kMax else { return kMax }
            let load = await self.load(on: deployment)
            return self.loadFollower.limit(load, kMin: kMin, kMax: kMax)
        }
    }

    private func load(on deployment: Deployment) async -> LoadLimit.Load {
        let (waitSeconds, keyValueShare) = await deployment.engineLoad()
        let configuration = self.configuration
        return LoadLimit.Load(
            // The request itself is no load that it meets.
            requestCount: max(0, admission.load.requests - 1),
            requestLimit: configuration.requestsMax,
            keyValueShare: keyValueShare,
            queueSeconds: waitSeconds,
            queueSecondsWanted: configuration.queueSeconds
        )
    }
}
