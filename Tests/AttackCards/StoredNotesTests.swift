// Every number that an attack stores of an image is explained by its card, and the card explains no
// others: each attack is run, quickly, with every word of its settings.

import AttackCards
import Attacks
import Networks
import Tensors
import Testing

@Suite struct StoredNotesTests {
    /// The settings of a quick run: counts of eight at most, and one word in place of a default; without
    /// such a word what a count of 0 switches off is on.
    private func quick(
        _ kind: any Attack.Type, _ choice: (name: String, word: String)?
    ) -> SettingValues {
        let all = kind.settings { name in choice?.name == name ? choice?.word : nil }
        var values: [String: SettingDescription.Value] = [:]
        for setting in all {
            if case .integer(let range) = setting.kind, case .integer(let count) = setting.standard
            {
                let off = choice == nil && count == 0
                values[setting.name] = .integer(off ? 3 : max(range.lowerBound, min(count, 8)))
            }
        }
        if let choice { values[choice.name] = .text(choice.word) }
        return SettingValues(all, values)
    }

    /// Nothing, and each word that a setting may have; which attack another one runs is no matter.
    private func choices(_ kind: any Attack.Type) -> [(name: String, word: String)?] {
        [nil]
            + kind.settings.flatMap { setting -> [(name: String, word: String)?] in
                guard case .choice(let words) = setting.kind, setting.name != "of" else {
                    return []
                }
                return words.map { (setting.name, $0) }
            }
    }

    @Test(arguments: AttackCatalogue.all.map { $0.name })
    func theCardExplainsWhatIsStored(name: String) throws {
        let architecture = Architecture(
            multilayerPerceptron: "small", imageShape: [1, 5, 5], widths: [25, 8, 5])
        let network = try Network(
            architecture, parameters: architecture.initialParameters(seed: 11),
            engine: Engine(threads: 1))
        let images = Tensor(
            shape: [6, 1, 5, 5], values: (0..<150).map { Float($0 * 7 % 23) / 23 })
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        let kind = try AttackCatalogue.named(name)
        let card = try #require(AttackCards.named(name))
        let sizes: [Norm: Float] = [.linf: 0.3, .l2: 1.5, .l1: 6, .l0: 3]
        var stored: Set<String> = []
        for choice in choices(kind) {
            let threat = ThreatModel(
                norm: kind.norms[0], epsilons: kind.usesEpsilons ? [sizes[kind.norms[0]] ?? 1] : [],
                goal: kind.goals == .targeted ? .randomOther : .untargeted, seed: 3, restarts: 1)
            let result = try AttackDriver(threat).run(
                kind.init(quick(kind, choice)), on: network, images: images, labels: labels,
                keys: Array(0..<6))
            stored.formUnion(result.notes.keys)
        }
        #expect(
            stored == Set(card.notes.map(\.name)), "\(AttackCards.folder)/\(card.file): the notes")
    }
}
