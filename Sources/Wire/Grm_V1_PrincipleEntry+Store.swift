package import Store
import SwiftProtobuf

extension Grm_V1_PrincipleEntry {
    /// A kept set of the question `key`.
    package init(_ set: PrincipleSetRecord, key: String) {
        self.init()
        self.key = key
        setID = set.id
        principles = set.principles.map { principle in
            .with {
                $0.text = principle.text
                if principle.hasWeight { $0.weight = Float(principle.weight) }
            }
        }
        if set.metaCount > 0 { metaScore = set.metaScore }
        uses = set.uses
        pinned = set.pinned
        createdUnixSeconds = set.createdUnixSeconds
        lastUsedUnixSeconds = set.lastUsedUnixSeconds
        grmDigest = set.grmDigest
        templateDigest = set.templateDigest
        responsesSeen = set.responsesSeen
    }

    /// The set as the cache takes it; its id follows from its principles.
    ///
    /// How many judgments had a meta score is not part of an entry: all uses are taken to have had
    /// one.
    package var set: PrincipleSetRecord {
        .with {
            $0.principles = principles.map(\.record)
            if hasMetaScore {
                $0.metaScore = metaScore
                $0.metaCount = max(1, uses)
            }
            $0.uses = uses
            $0.pinned = pinned
            $0.createdUnixSeconds = createdUnixSeconds
            $0.lastUsedUnixSeconds = lastUsedUnixSeconds
            $0.grmDigest = grmDigest
            $0.templateDigest = templateDigest
            $0.responsesSeen = responsesSeen
        }
    }
}

extension Grm_V1_Principle {
    /// The principle as the cache takes it.
    package var record: PrincipleRecord {
        .with {
            $0.text = text
            if hasWeight { $0.weight = Double(weight) }
        }
    }
}

extension Grm_V1_PrincipleStatsReply {
    /// What a cache holds and did.
    package init(_ statistics: PrincipleCache.Statistics) {
        self.init()
        keys = UInt64(statistics.keys)
        sets = UInt64(statistics.sets)
        bytes = UInt64(statistics.bytes)
        bytesMax = UInt64(statistics.bytesMax)
        hits = UInt64(statistics.hits)
        misses = UInt64(statistics.misses)
        evictions = UInt64(statistics.evictions)
        rebuilds = UInt64(statistics.rebuilds)
    }
}
