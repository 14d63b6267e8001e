// VGG16's convolutions one by one: the share of what the processor can do is what counts.

import StageKit

extension Bench {
    /// Every layer in both directions, and the mean of the shares.
    func convolutions() throws {
        say("VGG16's convolutions …")
        let runs = 5
        _ = peak()
        let pair = try alternate(
            { try ours("conv", runs: runs) }, { try theirs("conv", runs: runs) })
        let peak = peak()
        var shares: [Double] = []
        var totals = (ours: 0.0, theirs: 0.0)
        for direction in VGGLayer.directions {
            for layer in VGGLayer.all {
                let name = "\(layer.name)-\(direction)"
                guard let ours = pair.ours.first(where: { $0.name == name }) else { continue }
                let theirs = pair.theirs.first { $0.name == name }
                let share = Double(layer.shape.flops) / ours.seconds / peak
                shares.append(share)
                totals.ours += ours.seconds
                totals.theirs += theirs?.seconds ?? 0
                results.add(
                    name, ours: ours.seconds, share: share, peer: theirs?.seconds, least: 0.6)
            }
        }
        let flops = 2 * VGGLayer.all.map { Double($0.shape.flops) }.reduce(0, +)
        results.add(
            "all thirteen, both directions", ours: totals.ours,
            share: flops / totals.ours / peak, peer: totals.theirs)
        results.add(
            "  mean of the shares", share: shares.reduce(0, +) / Double(shares.count), least: 0.75)
    }
}
