import Foundation

/// Numbers as people read them; the same in every locale.
enum Figures {
    /// A number with a fixed count of decimals.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let scale = (0..<places).reduce(1) { power, _ in power * 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let decimals = String(scaled % scale)
        let zeros = String(repeating: "0", count: places - decimals.count)
        return "\(sign)\(scaled / scale).\(zeros)\(decimals)"
    }

    /// Bytes in powers of 1000.
    static func bytes(_ count: UInt64) -> String {
        count < 1000 ? "\(count) B" : scaled(count, ["kB", "MB", "GB", "TB"])
    }

    /// A large count, such as 134.5M.
    static func count(_ count: UInt64) -> String {
        count < 10_000 ? "\(count)" : scaled(count, ["k", "M", "G", "T"], separator: "")
    }

    /// A time in UTC.
    static func time(_ unixSeconds: Int64) -> String {
        guard unixSeconds != 0 else { return "" }
        return Date(timeIntervalSince1970: Double(unixSeconds)).formatted(.iso8601)
    }

    /// A digest as short as catalogues take it, and a little longer.
    static func digest(_ digest: String) -> String { String(digest.prefix(12)) }

    private static func scaled(
        _ count: UInt64,
        _ units: [String],
        separator: String = " "
    ) -> String {
        var value = Double(count) / 1000
        var unit = 0
        while value >= 999.95, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return decimal(value, places: 1) + separator + units[unit]
    }
}
