// The figures of an attack on the terminal, made from its record's summary.

import Artifacts
import Formats
import StageKit

extension AttackStage {
    package static func line(of event: JSON) -> String? {
        event["eligible"]?.int.map {
            "\($0) images attacked and judged in "
                + "\(TextTable.number(event["seconds"]?.double, decimals: 3)) s"
        }
    }

    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        let eligible = summary["eligible"]?.int ?? 0
        guard eligible > 0 else { return [nothingAttacked(summary)] + warnings(summary) }
        let rows = summary["rows"]?.array ?? []
        let norm = summary["norm"]?.string ?? ""
        let hasEpsilons = rows.contains { $0["epsilon"] != nil }
        var table = TextTable(
            (hasEpsilons ? ["epsilon"] : ["budget"]) + [
                "success", "of", "rate", "8-bit", "noise mean", "max", "min", "mean L2",
                "mean L∞", "median \(norm)", "forward", "backward",
            ])
        for row in rows {
            func cell(_ key: String, _ decimals: Int) -> String {
                TextTable.number(row[key]?.double, decimals: decimals)
            }
            table.add([
                row["epsilon"]?.double.map { $0.description } ?? "least",
                "\(row["success"]?.int ?? 0)", "\(eligible)",
                TextTable.percent(row["success_rate"]?.double),
                "\(row["success_8bit"]?.int ?? 0)", cell("noise_mean", 4), cell("noise_max", 3),
                cell("noise_min", 3), cell("mean_l2", 3), cell("mean_linf", 3),
                cell("median_\(norm)", 3),
                cell("forward_passes", 1), cell("backward_passes", 1),
            ])
        }
        var lines =
            [
                "\(summary["attack"]?.string ?? "") · goal \(summary["goal"]?.string ?? "") · "
                    + "\(eligible) of \(summary["samples"]?.int ?? 0) samples "
                    + (summary["predicted_labels"] == nil
                        ? "were right and attacked"
                        : "attacked, away from the network's own answer")
            ] + limits(summary, config) + table.lines
        for row in rows where row["each_success_rate"] != nil {
            func cell(_ key: String) -> String { TextTable.number(row[key]?.double, decimals: 3) }
            lines.append(
                "each other class: \(TextTable.percent(row["each_success_rate"]?.double)) reached; "
                    + "mean \(norm) of the best class \(cell("each_best")), of all "
                    + "\(cell("each_mean")), of the worst \(cell("each_worst"))")
        }
        lines += warnings(summary)
        if let least = summary["least_epsilon"] {
            lines.append(
                "least epsilon: median \(TextTable.number(least["median"]?.double, decimals: 4)), mean "
                    + "\(TextTable.number(least["mean"]?.double, decimals: 4)), found for "
                    + "\(least["found"]?.int ?? 0) of \(eligible)")
        }
        return lines
    }

    /// What there is to say where no sample was eligible: figures would be shares of nothing.
    private static func nothingAttacked(_ summary: JSON) -> String {
        let (samples, misread) = (summary["samples"]?.int ?? 0, summary["misread"]?.int ?? 0)
        let reason =
            if samples == 0 {
                "the sample has no images"
            } else if misread == samples {
                "the network misreads all \(samples) of them untouched"
            } else if misread == 0 {
                "all \(samples) of them are of the class to reach already"
            } else {
                "of \(samples), \(misread) are misread untouched and the others are of the class to "
                    + "reach already"
            }
        return "\(summary["attack"]?.string ?? "") · goal \(summary["goal"]?.string ?? "") · "
            + "no sample was attacked, so there are no figures: \(reason)"
    }

    /// What was allowed of pixels, where that is less than all.
    private static func limits(_ summary: JSON, _ config: Config) -> [String] {
        var lines: [String] = []
        if let free = summary["may_change"]?.int, let all = summary["values"]?.int {
            lines.append("mask: \(free) of \(all) values of an image may change")
        }
        if let bounds = try? config.structure("channel_bounds").array {
            let pairs = bounds.map { pair in
                (pair.array ?? []).map { TextTable.number($0.double, decimals: 3) }
                    .joined(separator: "…")
            }
            lines.append("bounds by channel: \(pairs.joined(separator: ", "))")
        }
        return lines
    }

    private static func warnings(_ summary: JSON) -> [String] {
        (summary["warnings"]?.array ?? []).map { "warning: \($0.string ?? "")" }
    }
}
