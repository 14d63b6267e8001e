// Not a time: that our networks answer as PyTorch's do.

import StageKit

extension Bench {
    /// Writes every architecture's weights, inputs, logits and pixel gradients, and lets PyTorch
    /// compare.
    func check() throws {
        say("Answers and gradients against PyTorch's …")
        let folder = ".build-bench/networks"
        _ = try Command.run([CommandLine.arguments[0], "--network-outputs", folder])
        let (output, isWell) = try peer().check("network_check", [folder])
        say(output)
        results.add("networks answer as PyTorch's", isMet: isWell)
    }
}
