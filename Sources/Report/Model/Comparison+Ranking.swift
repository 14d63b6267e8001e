// Which attack is the stronger one: by paired comparison, on images that both saw and at budgets at
// which both were run. A curve that ends early is not judged where it has no points.

extension Comparison {
    /// By how much an attack is ahead of another; positive if it is the stronger one, nil where there
    /// is no image or no budget at which both were run.
    ///
    /// Of attacks with budgets, and of one with and one without: the images that it fools less those
    /// that the other fools, as a share, averaged over the budgets. Of two attacks that look for the
    /// least change: the share of images on which it came nearer, less that on which the other did.
    static func lead(_ one: Entry, over other: Entry, _ isRight: [Bool]) -> Double? {
        let shared = isRight.indices.filter {
            isRight[$0] && one.places[$0] != nil && other.places[$0] != nil
        }
        guard !shared.isEmpty else { return nil }
        if one.isMinimumNorm && other.isMinimumNorm {
            let nearer = shared.count { one.least[$0] < other.least[$0] }
            let farther = shared.count { one.least[$0] > other.least[$0] }
            return Double(nearer - farther) / Double(shared.count)
        }
        let asked = (one.isMinimumNorm ? other : one).attack.levels.compactMap(\.epsilon)
        let gaps = asked.filter { $0 > 0 }.compactMap { epsilon -> Int? in
            guard let own = one.fooled(at: epsilon, of: shared),
                let others = other.fooled(at: epsilon, of: shared)
            else { return nil }
            return own - others
        }
        guard !gaps.isEmpty else { return nil }
        return Double(gaps.reduce(0, +)) / Double(gaps.count * shared.count)
    }

    /// The attacks from the weakest to the strongest: by wins less losses over all comparisons, then by
    /// the mean lead, then by their order on the page; and then each one moved past its neighbour
    /// where that one loses to it directly.
    static func ranked(_ entries: [Entry], _ isRight: [Bool]) -> [Int] {
        var leads = Array(
            repeating: [Double?](repeating: nil, count: entries.count), count: entries.count)
        for one in entries.indices {
            for other in 0..<one {
                let lead = lead(entries[one], over: entries[other], isRight)
                leads[one][other] = lead
                leads[other][one] = lead.map { -$0 }
            }
        }
        let scores = leads.map { row -> (wins: Double, lead: Double) in
            let known = row.compactMap { $0 }
            guard !known.isEmpty else { return (0, 0) }
            let wins = known.count { $0 > 0 } - known.count { $0 < 0 }
            return (
                Double(wins) / Double(known.count), known.reduce(0, +) / Double(known.count)
            )
        }
        let sorted = entries.indices.sorted {
            (scores[$0].wins, scores[$0].lead, -$0) < (scores[$1].wins, scores[$1].lead, -$1)
        }
        var order: [Int] = []
        for number in sorted {
            var place = order.count
            while place > 0, let lead = leads[order[place - 1]][number], lead > 0 { place -= 1 }
            order.insert(number, at: place)
        }
        return order
    }
}
