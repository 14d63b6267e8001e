// Whole convolutional networks: time and memory against PyTorch, torchattacks and foolbox.

import StageKit

extension Bench {
    /// FGSM on VGG16: against plain PyTorch without parameter gradients, and against torchattacks.
    func vgg16() throws {
        say("FGSM on VGG16 …")
        for batch in [1, 8] {
            let cases = ["off", "torchattacks"].map { "\($0)-\(batch)-" }
            let pair = try alternate(
                { try ours("vgg16-fgsm-\(batch)", runs: batch == 1 ? 5 : 2) },
                {
                    try theirs(
                        "vgg16_fgsm", runs: batch == 1 ? 3 : 1, ["--cases"] + cases)
                })
            add(
                "VGG16, FGSM, batch \(batch)", pair, "vgg16-fgsm-",
                [
                    (cases[0], "parameter gradients off", batch == 1 ? 1.3 : nil),
                    (cases[1], "torchattacks", batch == 1 ? 2 : nil),
                ])
        }
    }

    /// EfficientNet-Lite0, forward and input gradient.
    func efficientNet() throws {
        say("EfficientNet-Lite0 …")
        for batch in [1, 8] {
            let cases = ["plain", "folded"].map { "\($0)-\(batch)-" }
            let pair = try alternate(
                { try ours("efficientnet-lite0-\(batch)", runs: 5) },
                { try theirs("efficientnet", runs: 5, ["--cases"] + cases) })
            add(
                "EfficientNet-Lite0, batch \(batch)", pair, "efficientnet-lite0-",
                [
                    (cases[0], "as it comes", 1.5),
                    (cases[1], "normalisations folded", 1.5),
                ])
        }
    }

    /// A training epoch of Madry's CNN.
    func madry() throws {
        say("Training Madry's CNN …")
        let pair = try alternate(
            { try ours("madry-epoch", runs: 2) }, { try theirs("madry_epoch", runs: 2) })
        add(
            "Madry's CNN, an epoch", pair, "madry-epoch-",
            [
                ("default", "PyTorch", 1.5), ("channels_last", "channels last", 1.5),
                ("compile", "torch.compile", nil),
            ])
    }

    /// Projected gradient descent on Madry's CNN.
    func pgd() throws {
        say("PGD on Madry's CNN …")
        let pair = try alternate(
            { try ours("pgd-40", runs: 2) }, { try theirs("pgd", runs: 1) })
        add(
            "PGD-40, 500 images", pair, "pgd-",
            [
                ("torchattacks", "torchattacks", 1.8), ("foolbox", "foolbox", 1.8),
                ("off", "by hand", nil),
            ])
        for early in try ours("pgd-early", runs: 2) {
            results.add("  ours, done when fooled", ours: early.seconds, peer: nil)
        }
    }

    /// A row for each way of the peer, the fastest of its cases; then the memory, against the
    /// leanest of those.
    private func add(
        _ name: String, _ pair: (ours: [Measure], theirs: [Measure]), _ prefix: String,
        _ ways: [(case: String, words: String, target: Double?)]
    ) {
        guard let ours = pair.ours.first else { return }
        var peaks: [Int] = []
        for way in ways {
            guard let peer = pair.theirs.fastest(prefix + way.case) else { continue }
            results.add(
                "\(name) / \(way.words)", ours: ours.seconds * ours.scale,
                peer: peer.seconds * peer.scale, target: way.target)
            peaks += [peer.peakMemory].compactMap { $0 }
        }
        results.add("  peak memory", bytes: ours.peakMemory, peer: peaks.min())
    }
}
