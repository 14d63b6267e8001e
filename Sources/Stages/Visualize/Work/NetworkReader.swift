// Reads a learning curve: JSON of the schema mirage.curve.

import Formats
import Report
import StudyReading

/// Reads what training says about a network.
struct NetworkReader {
    private let name: String
    private let json: JSON

    init(_ file: MappedFile) throws {
        name = file.name
        json = try JSON.parse(Array(file.bytes), named: file.name)
        guard json["schema"]?.string == "mirage.curve", json["version"]?.int == 1 else {
            throw ReadingFault.malformed(
                file: name, what: "`schema`", expected: "mirage.curve, version 1",
                found: json["schema"]?.canonical ?? "absent")
        }
    }

    /// The network's facts; parts that the file lacks stay empty.
    func facts() throws -> NetworkFacts {
        let confusion = try (json["confusion"]?.array ?? []).map { row in
            try (row.array ?? []).map { try whole($0, "`confusion`") }
        }
        var facts = NetworkFacts(
            architecture: json["architecture"]?.string ?? "",
            parameters: try whole(json["parameters"], "`parameters`"),
            layers: try (json["layers"]?.array ?? []).map(layer),
            epochs: try (json["epochs"]?.array ?? []).map(epoch),
            test: try json["test"].map { test in
                NetworkFacts.Test(
                    count: try whole(test["count"], "`test.count`"),
                    correct: try whole(test["correct"], "`test.correct`"),
                    loss: test["loss"]?.double)
            },
            confusion: confusion, classes: (json["classes"]?.array ?? []).compactMap(\.string))
        facts.pixels = try json["preprocessing"].map(pixels)
        facts.robustTest = try json["robust_test"].map { test in
            NetworkFacts.RobustTest(
                epsilon: test["epsilon"]?.double ?? 0,
                steps: try whole(test["steps"], "`robust_test.steps`"),
                images: try whole(test["images"], "`robust_test.images`"))
        }
        return facts
    }

    private func epoch(_ json: JSON) throws -> NetworkFacts.Epoch {
        var epoch = NetworkFacts.Epoch(
            number: try whole(json["epoch"], "`epoch`"),
            trainLoss: json["train_loss"]?.double, trainAccuracy: json["train_accuracy"]?.double,
            testLoss: json["test_loss"]?.double, testAccuracy: json["test_accuracy"]?.double)
        epoch.robustAccuracy = json["robust_accuracy"]?.double
        return epoch
    }

    private func pixels(_ json: JSON) throws -> PixelFacts {
        func numbers(_ key: String) -> [Double] { (json[key]?.array ?? []).compactMap(\.double) }
        return PixelFacts(
            words: json["pixels"]?.string ?? "", reason: json["reason"]?.string ?? "",
            mean: numbers("mean"), deviation: numbers("deviation"),
            tried: try (json["tried"]?.array ?? []).map {
                (
                    words: $0["pixels"]?.string ?? "",
                    correct: try whole($0["correct"], "`correct`"),
                    count: try whole($0["of"], "`of`")
                )
            })
    }

    private func layer(_ json: JSON) throws -> NetworkFacts.Layer {
        func list(_ key: String) throws -> [Int] {
            try (json[key]?.array ?? []).map { try whole($0, "`\(key)`") }
        }
        var layer = NetworkFacts.Layer(
            name: json["name"]?.string ?? "", kind: json["kind"]?.string ?? "",
            input: json["in"]?.int, output: json["out"]?.int,
            parameters: try json["parameters"].map { try whole($0, "`parameters`") } ?? 0)
        layer.shape = try list("shape")
        layer.window = try list("window")
        layer.stride = try list("stride")
        layer.flops = json["operations"]?.int
        return layer
    }

    private func whole(_ json: JSON?, _ what: String) throws -> Int {
        guard let value = json?.int else {
            throw ReadingFault.malformed(
                file: name, what: what, expected: "a whole number", found: json?.kind ?? "absent")
        }
        return value
    }
}
