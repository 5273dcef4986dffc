package import Logging
package import Store

extension PrincipleCache {
    /// Opens the cache of a configuration, and logs how that went and what happens to it later.
    ///
    /// - Returns: nil where the cache is off: the configuration says so, another grmd has it, or its
    ///   folder cannot be used. The daemon serves all the same.
    package static func open(
        _ configuration: Configuration,
        log: Logger
    ) -> PrincipleCache? {
        guard configuration.principleBytesMax > 0 else {
            log.notice("principle cache off", metadata: ["reason": "principles.bytes is 0"])
            return nil
        }
        let folder = configuration.cacheDirectory + "/principles"
        do throws(StoreError) {
            let cache = try PrincipleCache(
                folder: folder,
                limits: Limits(
                    bytesMax: configuration.principleBytesMax,
                    setsPerKeyMax: configuration.principleSetsPerKey,
                    timeToLiveSeconds: Int64(configuration.principleSeconds)
                ),
                report: { tell($0, log) }
            )
            let held = cache.statistics
            log.notice(
                "principle cache open",
                metadata: [
                    "folder": "\(folder)", "sets": "\(held.sets)", "bytes": "\(held.bytes)",
                ]
            )
            return cache
        } catch {
            log.warning("principle cache off", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private static func tell(_ event: Event, _ log: Logger) {
        switch event {
        case .rebuilt(let reason):
            log.warning("principle cache begun anew", metadata: ["reason": "\(reason)"])
        case .off(let reason):
            log.warning("principle cache off for now", metadata: ["reason": "\(reason)"])
        case .writesRefused(let reason):
            log.warning("principle cache not written", metadata: ["reason": "\(reason)"])
        case .damagedSets(let count):
            log.warning("principle cache dropped damaged sets", metadata: ["count": "\(count)"])
        }
    }
}
