// What our networks answer, in files that PyTorch can check: pipeline/bench/network_check.py.

import Formats
import Foundation
import Networks
import Randomness
import Tensors

/// Weights, inputs, logits and pixel gradients of every architecture.
enum NetworkOutputs {
    /// Writes `<name>.weights.safetensors`, a state_dict, and `<name>.outputs.safetensors` with
    /// `images`, `direction` (a logit gradient), `logits` and `gradient` (its product with the
    /// network's Jacobian, back at the pixels), for every architecture.
    ///
    /// - Throws: `NetworkFault`, and what the file system throws.
    static func write(to folder: String, engine: Engine) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for architecture in Architecture.all {
            let parameters = Dictionary(
                uniqueKeysWithValues: architecture.parameters.map {
                    ($0.name, weight($0.name, shape: $0.shape))
                })
            let network = try Network(architecture, parameters: parameters, engine: engine)
            let isLarge = Tensor.count(of: architecture.imageShape) > 10_000
            let count = isLarge ? 3 : 16
            let images = Noise.images([count] + architecture.imageShape)
            let direction = Noise.tensor([count, architecture.classes])
            var pass = network.makePass()
            let logits = try pass.logits(of: images)
            let gradient = try pass.pixelGradient(direction).reshaped(images.shape)
            let path = "\(folder)/\(architecture.name)"
            try save(parameters, architecture, to: "\(path).weights.safetensors")
            try save(
                [
                    "images": images, "direction": direction, "logits": logits,
                    "gradient": gradient,
                ], architecture, to: "\(path).outputs.safetensors")
        }
    }

    /// Weights that keep signals of a size through any number of layers: He's uniform ones for
    /// matrices and kernels; for vectors around what they are at first, so that each of them shows.
    private static func weight(_ name: String, shape: [Int]) -> Tensor {
        var random = Stream(seed: 1, name: "bench/\(name)")
        let inputs = Tensor.count(of: Array(shape.dropFirst()))
        let isScale =
            shape.count == 1 && (name.hasSuffix("weight") || name.hasSuffix("running_var"))
        let bound = shape.count > 1 ? (6 / Float(inputs)).squareRoot() : isScale ? 0.5 : 0.1
        return Tensor(
            shape: shape,
            values: (0..<Tensor.count(of: shape)).map { _ in
                (isScale ? 1 : 0) + (2 * random.uniform() - 1) * bound
            })
    }

    private static func save(
        _ tensors: [String: Tensor], _ architecture: Architecture, to path: String
    ) throws {
        let writer = SafeTensorsWriter(
            metadata: ["architecture": architecture.name],
            tensors: tensors.map { ($0.key, .f32, $0.value.shape) })
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CommandFault(description: "cannot write \(path)") }
        try writer.write(to: { try file.write(contentsOf: Data($0)) }) { entry, sink in
            try tensors[entry.name]?.withBytes(sink)
        }
        try file.close()
    }
}
