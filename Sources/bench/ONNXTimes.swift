// How long a network from an ONNX file takes, for pipeline/bench/onnx_networks.py.

import Formats
import Networks
import ONNX
import StageKit
import Tensors

/// Forward and pixel gradient of one ONNX file.
enum ONNXTimes {
    /// Reads `images` from a safetensors file and prints a JSON object a measure: the seconds of a forward
    /// pass over all of them, and of one with the gradient at the pixels.
    ///
    /// - Throws: `ONNXFault`, `NetworkFault`, `FormatFault`.
    static func print(model: String, inputs: String, runs: Int, engine: Engine) throws {
        let given = try SafeTensors(MappedFile(inputs))
        let shape = try given.entry("images", .f32).shape
        let imported = try ONNXNetwork(
            ONNXFile(reading: model),
            .init(size: shape.count == 4 ? Array(shape.suffix(2)) : nil))
        let network = try Network(
            imported.architecture, parameters: imported.parameters, engine: engine)
        let images = Tensor(
            shape: [shape.first ?? 0] + network.imageShape, values: try given.floats("images"))
        var pass = network.makePass()
        var direction = try pass.logits(of: images)
        direction.withMutableFloats { $0.update(repeating: 1) }
        let forward = try Timing(runs: runs) { _ = try pass.logits(of: images) }
        try say("forward", forward, engine)
        let both = try Timing(runs: runs) {
            _ = try pass.logits(of: images)
            _ = try pass.pixelGradient(direction)
        }
        try say("gradient", both, engine)
    }

    private static func say(_ name: String, _ timing: Timing, _ engine: Engine) throws {
        let line: JSON = [
            "name": .string(name), "seconds": .number(timing.best),
            "median": .number(timing.median), "peer": "ours",
            "threads": .integer(Int64(engine.workers.threads)),
            "peak_memory": .integer(Int64(PeakMemory.bytes)),
        ]
        Log.say(line.canonical)
    }
}
