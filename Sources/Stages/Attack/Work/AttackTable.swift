// The attack's record as a table, for spreadsheets and scripts: a row an image and ε, in the order of the
// tensors, written while it is made.

import Attacks
import Datasets
import StageWork
import Tables
import Tensors

/// The columns of such a table, which bear the tensors' names.
///
/// Classes are numbers, and beside each stands its name where the data set has names that say more than the
/// number. `file` is there where images have names. Empty is what there is none of: a target, an event, an
/// ε, a note of an image that was not attacked.
struct AttackTable {
    private typealias Field = (_ table: inout CSVWriter, _ place: Int, _ row: Int) -> Void

    private let result: AttackResult
    private let images: LabelledImages
    private let hasNames: Bool
    /// How the field of each column is written for a place in [K·N] and its row in [N].
    private var columns: [(name: String, write: Field)] = []

    init(_ result: AttackResult, of attack: any Attack.Type, on images: LabelledImages) {
        (self.result, self.images) = (result, images)
        hasNames = images.classes.enumerated().contains { "\($0)" != $1 }
        add("index") { table, _, row in table.number(result.keys[row]) }
        if !images.names.isEmpty {
            add("file") { table, _, row in table.text(images.names[row]) }
        }
        addClasses("label", "label_name") { _, row in result.labels[row] }
        addClasses("target", "target_name") { _, row in result.targets[row] }
        add("eligible") { table, _, row in table.flag(result.isEligible[row]) }
        addClasses("clean_class", "clean_name") { _, row in result.cleanClasses[row] }
        add("clean_confidence") { table, _, row in table.number(result.cleanConfidences[row]) }
        addOutcomes()
        for (name, values) in result.notes.sorted(by: { $0.key < $1.key }) {
            addNote(name, values, words: attack.words[name])
        }
    }

    /// Writes all rows under the names of the columns.
    /// - Throws: What writing to the file throws.
    func write(to file: any ArtifactFile) throws {
        var table = CSVWriter { try file.write($0) }
        for column in columns { table.text(column.name) }
        try table.endRow()
        for place in result.success.indices {
            for column in columns { column.write(&table, place, place % result.samples) }
            try table.endRow()
        }
        try table.finish()
        try file.close()
    }

    private mutating func add(_ name: String, _ write: @escaping Field) {
        columns.append((name, write))
    }

    /// The number of a class, and its name.
    private mutating func addClasses(
        _ name: String, _ wordName: String, _ label: @escaping (_ place: Int, _ row: Int) -> Int?
    ) {
        add(name) { table, place, row in
            if let label = label(place, row) { table.number(label) } else { table.none() }
        }
        guard hasNames else { return }
        let classes = images.classes
        add(wordName) { table, place, row in
            let label = label(place, row) ?? -1
            table.text(classes.indices.contains(label) ? classes[label] : "")
        }
    }

    /// What became of each image at each ε.
    private mutating func addOutcomes() {
        let result = result
        let epsilons = result.model.epsilons
        add("epsilon") { table, place, _ in
            if epsilons.isEmpty {
                table.none()
            } else {
                table.number(epsilons[place / result.samples])
            }
        }
        add("success") { table, place, _ in table.flag(result.success[place]) }
        add("success_8bit") { table, place, _ in table.flag(result.successIn8Bit[place]) }
        addClasses("final_class", "final_name") { place, _ in result.finalClasses[place] }
        add("final_confidence") { table, place, _ in table.number(result.finalConfidences[place]) }
        addClasses("proposed_class", "proposed_name") { place, _ in result.proposedClasses[place] }
        add("proposed_confidence") { table, place, _ in
            table.number(result.proposedConfidences[place])
        }
        let distances: [(String, KeyPath<Distances, Double>)] = [
            ("l0", \.l0), ("l1", \.l1), ("l2", \.l2), ("linf", \.linf),
        ]
        for (name, path) in distances {
            add(name) { table, place, _ in
                table.number(Float(result.distances[place][keyPath: path]))
            }
        }
        let efforts: [(String, KeyPath<Effort, Int>)] = [
            ("iterations", \.iterations), ("forward_passes", \.forwardPasses),
            ("backward_passes", \.backwardPasses), ("zero_gradients", \.zeroGradients),
        ]
        for (name, path) in efforts {
            add(name) { table, place, _ in table.number(result.efforts[place][keyPath: path]) }
        }
        add("event") { table, place, _ in table.text(result.events[place].word) }
    }

    /// One of the attack's own numbers, and the word for it where its values stand for something.
    private mutating func addNote(_ name: String, _ values: [Float], words: [String]?) {
        let isByEpsilon = result.notesByEpsilon.contains(name)
        add("extra.\(name)") { table, place, row in table.number(values[isByEpsilon ? place : row])
        }
        guard let words else { return }
        add("extra.\(name)_name") { table, place, row in
            let value = Int(exactly: values[isByEpsilon ? place : row]) ?? -1
            table.text(words.indices.contains(value) ? words[value] : "")
        }
    }
}
