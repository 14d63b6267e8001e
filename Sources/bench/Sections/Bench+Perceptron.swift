// The fully connected network: training, method 1 and FGSM.

extension Bench {
    /// Against the usual way to write it in PyTorch, and against the fastest that we found.
    func perceptron() throws {
        try makeArtifacts()
        say("A training epoch …")
        let epoch = try alternate(
            { try ours("epoch", runs: 4) }, { try theirs("epoch", runs: 4) })
        add("training epoch, batch 256", epoch, target: 1.5, plain: nil)
        say("Method 1 …")
        let noise = try alternate(
            { try ours("noise-l2", runs: 3) }, { try theirs("noise", runs: 1) })
        add("method 1, 5,000 images", noise, target: 3, plain: "noise-l2-whole")
        say("Fast gradient sign …")
        let fgsm = try alternate(
            { try ours("fgsm-5000", runs: 10) }, { try theirs("fgsm", runs: 10) })
        add("FGSM, 5,000 images", fgsm, target: 2, plain: nil)
        for records in try ours("fgsm-records", runs: 10) {
            results.add("  ours with full records", ours: records.seconds, peer: nil)
        }
    }

    /// The target is against the plain batched way, where there is one; the fastest way that we
    /// could write in PyTorch is shown beside it.
    private func add(
        _ name: String, _ pair: (ours: [Measure], theirs: [Measure]), target: Double, plain: String?
    ) {
        guard let ours = pair.ours.first else { return }
        let fastest = pair.theirs.fastest("")
        let usual = pair.theirs.first { $0.name == plain } ?? fastest
        results.add(
            "\(name) / \(usual?.name ?? "")", ours: ours.seconds, peer: usual?.seconds,
            target: target)
        if let fastest, fastest.name != usual?.name {
            results.add(
                "  / \(fastest.name), the fastest", ours: ours.seconds, peer: fastest.seconds)
        }
    }
}
