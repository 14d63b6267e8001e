// Runs of one method that differ in a setting or two: one part of the page, with the differences said.

extension Study {
    /// The attacks in the order of the page; variants of one attack together, where the first stands.
    var variants: [[AttackRun]] {
        var groups: [[AttackRun]] = []
        for attack in attacks {
            let home = groups.firstIndex { $0.allSatisfy { $0.isVariant(of: attack) } }
            if let home { groups[home].append(attack) } else { groups.append([attack]) }
        }
        return groups
    }
}

extension AttackRun {
    /// The settings that two runs differ in, by key.
    func differences(from other: AttackRun) -> Set<String> {
        let keys = Set(config.map(\.key) + other.config.map(\.key))
        return keys.filter { setting($0) != other.setting($0) }
    }

    /// More settings than this make another attack.
    private static let most = 2

    /// Whether two runs are one attack but for a setting or two: of one method on the same network and
    /// images, with the same goal and norm.
    func isVariant(of other: AttackRun) -> Bool {
        method == other.method && model == other.model && sample == other.sample
            && goal == other.goal && norm == other.norm
            && (1...Self.most).contains(differences(from: other).count)
    }
}
