// Reads what a transfer found: every figure is counted anew from the stored answers.

import Formats
import Report
import StudyReading

/// Reads one file of the schema mirage.transfer.
struct TransferReader {
    private let file: SafeTensors
    private let name: String

    init(_ mapped: MappedFile, node: String) throws {
        file = try SafeTensors(mapped)
        try file.requireSchema("mirage.transfer")
        name = NodeName.stem(node)
    }

    /// The counts, attack by attack.
    func result() throws -> TransferResult {
        let models = try texts("models")
        let labels = try file.int64s("label", shape: [nil])
        let clean = try file.int64s("clean", shape: [models.count, labels.count])
        return TransferResult(
            name: name, models: models,
            clean: models.indices.map { model in
                labels.indices.count { clean[model * labels.count + $0] == labels[$0] }
            },
            images: labels.count { $0 >= 0 },
            rows: try texts("attacks").map { try row($0, models.count, labels, clean) })
    }

    private func row(
        _ attack: String, _ models: Int, _ labels: [Int64], _ clean: [Int64]
    ) throws -> TransferResult.Row {
        let facts = try JSON.parse(
            try file.text("attack.\(attack)"), named: "\(file.file.name), metadata of \(attack)")
        let epsilons: [Double?] = (facts["epsilons"]?.array ?? []).map(\.double)
        let strengths = epsilons.isEmpty ? [nil] : epsilons
        let count = labels.count
        let success = try file.uint8s("\(attack).success", shape: [strengths.count, count])
        let answers = try file.int64s("\(attack).answer", shape: [strengths.count, models, count])
        // Without a label of its own an image has that of the attack: what it was led away from.
        let isLabelled = labels.map { $0 >= 0 }
        let labels =
            isLabelled.contains(false)
            ? try file.int64s("\(attack).label", shape: [count]) : labels
        return TransferResult.Row(
            name: attack, method: facts["attack"]?.string ?? "",
            source: facts["model"]?.string ?? "", epsilons: strengths,
            levels: strengths.indices.map { level in
                let images = labels.indices.filter { success[level * count + $0] != 0 }
                func tally(_ isCounted: (_ model: Int, _ image: Int) -> Bool) -> [Int] {
                    (0..<models).map { model in images.count { isCounted(model, $0) } }
                }
                func answer(_ model: Int, _ image: Int) -> Int64 {
                    answers[(level * models + model) * count + image]
                }
                func wasRight(_ model: Int, _ image: Int) -> Bool {
                    clean[model * count + image] == labels[image]
                }
                return TransferResult.Level(
                    successes: images.count, wrong: tally { answer($0, $1) != labels[$1] },
                    before: tally(wasRight),
                    fooled: tally { wasRight($0, $1) && answer($0, $1) != labels[$1] },
                    right: (0..<models).map { model in
                        labels.indices.count {
                            isLabelled[$0] && answer(model, $0) == labels[$0]
                        }
                    })
            })
    }

    private func texts(_ key: String) throws -> [String] {
        let json = try JSON.parse(
            try file.text(key), named: "\(file.file.name), metadata `\(key)`")
        return (json.array ?? []).compactMap(\.string)
    }
}
