// What a network from an ONNX file answers, in a file that onnxruntime's answers are compared with:
// pipeline/checks/onnx.py.

import Formats
import Foundation
import Networks
import ONNX
import Tensors

/// Logits and pixel gradients of one ONNX file.
enum ONNXOutputs {
    /// Reads `images` from a safetensors file and writes their `logits`; where there is a `direction` (a
    /// logit gradient) also `gradient`, its product with the Jacobian, at the pixels. Sizes that the
    /// file leaves open are those of the images, and inputs beside them are held at `constant:<name>`. An
    /// output of any shape is a row of logits here; the metadata has the import's notes.
    ///
    /// - Throws: `ONNXFault`, `NetworkFault`, `FormatFault`.
    static func write(model: String, inputs: String, outputs: String, engine: Engine) throws {
        let file = try ONNXFile(reading: model)
        let given = try SafeTensors(MappedFile(inputs))
        let images = try given.entry("images", .f32)
        let size = images.shape.count == 4 ? Array(images.shape.suffix(2)) : nil
        var constants: [String: Tensor] = [:]
        for name in given.entries.map(\.name) where name.hasPrefix("constant:") {
            constants[String(name.dropFirst(9))] = Tensor(
                shape: try given.entry(name, .f32).shape, values: try given.floats(name))
        }
        let imported = try ONNXNetwork(
            file, .init(size: size, flattensOutput: true, constants: constants))
        let network = try Network(
            imported.architecture, parameters: imported.parameters, engine: engine)
        let count = images.shape.first ?? 0
        var pass = network.makePass()
        let logits = try pass.logits(
            of: Tensor(shape: [count] + network.imageShape, values: given.floats("images")))
        var tensors = ["logits": logits]
        if given["direction"] != nil {
            let direction = try given.floats("direction", shape: [count, network.classes])
            tensors["gradient"] = try pass.pixelGradient(
                Tensor(shape: logits.shape, values: direction))
        }
        let writer = SafeTensorsWriter(
            metadata: [
                "notes": imported.notes.joined(separator: "\n"),
                "layers": imported.architecture.layers.map(\.kind).joined(separator: " "),
            ], tensors: tensors.map { ($0.key, .f32, $0.value.shape) })
        guard FileManager.default.createFile(atPath: outputs, contents: nil),
            let target = FileHandle(forWritingAtPath: outputs)
        else { throw CommandFault(description: "cannot write \(outputs)") }
        try writer.write(to: { try target.write(contentsOf: Data($0)) }) {
            [tensors] entry, sink in
            try tensors[entry.name]?.withBytes(sink)
        }
        try target.close()
    }
}
