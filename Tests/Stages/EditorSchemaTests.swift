// The JSON Schemas that editors get: every config and experiment.json here is valid by them, and what a
// stage refuses is not. The checker below knows as much of JSON Schema as our schemas use, and refuses the rest.

import Artifacts
import Formats
import Foundation
import PipelineTool
import StageKit
import StageRegistry
import Testing

@Suite struct EditorSchemaTests {
    static let schemas = try? EditorSchemas(Mirage.stages).files

    @Test func everyConfigIsValid() throws {
        let checker = JSONSchemaChecker(files: try #require(Self.schemas))
        var count = 0
        for experiment in ExperimentConfigTests.experiments {
            for (name, source) in try Experiment(experiment).configs {
                let kind = name.prefix { $0 != "-" }
                let fault = checker.fault(of: try source.read().json, by: "\(kind).json")
                #expect(fault == nil, "\(experiment)/\(name): \(fault ?? "")")
                count += 1
            }
            let path = "\(NodeFinder.folder)/\(experiment)/experiment.json"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let json = try JSON.parse(MappedFile.read(path), named: path, comments: true)
            let fault = checker.fault(of: json, by: "experiment.json")
            #expect(fault == nil, "\(path): \(fault ?? "")")
        }
        #expect(count > 200)
    }

    /// A config of each stage with one thing wrong.
    @Test(arguments: [
        ("attack", #"{"attack": "fgms", "model": "m", "sample": "s", "goal": "untargeted"}"#),
        ("attack", #"{"attack": "fgsm", "sample": "s", "goal": "untargeted"}"#),
        (
            "attack",
            #"{"attack": "fgsm", "model": "m", "sample": "s", "goal": "untargeted", "epsilons": 0.1}"#
        ),
        (
            "attack",
            #"{"attack": "fgsm", "model": "m", "sample": "s", "goal": "untargeted", "theta": 1}"#
        ),
        (
            "attack",
            #"{"attack": "fgsm", "model": "m", "sample": "s", "goal": "untargeted", "restarts": 0}"#
        ),
        ("train", #"{"dataset": "d", "architecture": "madry-cnn", "epochs": 1}"#),
        (
            "train",
            #"{"dataset": "d", "architecture": "madry-cnn", "epochs": 1, "batch_size": 1, "learning_rate": 0, "momentum": 0, "weight_decay": 0, "seed": 1}"#
        ),
        ("sample", #"{"dataset": "d", "seed": 1, "count": "many"}"#),
        ("fetch", #"{"network": "vgg16", "pictures": "p"}"#),
        ("fetch", "[]"),
        ("experiment", #"{"extend": "mnist"}"#),
        ("experiment", #"{"extends": 1}"#),
        ("experiment", #"{"extends": "mnist", "change": {"attack-a": {"epsilom": 1}}}"#),
        ("experiment", #"{"nodes": {"sample-a": {"count": "one"}}}"#),
    ])
    func whatIsWrongIsNotValid(_ file: String, _ text: String) throws {
        let checker = JSONSchemaChecker(files: try #require(Self.schemas))
        let json = try JSON.parse(text, named: "text")
        #expect(checker.fault(of: json, by: "\(file).json") != nil)
    }

    /// The same configs made right, so that the refusals above are for what is wrong in them.
    @Test(arguments: [
        (
            "attack",
            #"{"attack": "fgsm", "model": "m", "sample": "s", "goal": "untargeted", "epsilons": ["8/255", 0.1]}"#
        ),
        (
            "attack",
            #"{"attack": "jsma", "model": "m", "sample": "s", "goal": "untargeted", "theta": 1, "norm": null}"#
        ),
        (
            "train",
            #"{"$schema": "x", "dataset": "d", "architecture": "madry-cnn", "epochs": 0, "seed": 1}"#
        ),
        (
            "train",
            #"{"dataset": "d", "architecture": "madry-cnn", "epochs": 0, "seed": 1, "optimizer": "adam"}"#
        ),
        ("sample", #"{"dataset": "d", "seed": 1, "count": null}"#),
        ("fetch", #"{"network": "vgg16", "weights": "w"}"#),
        ("experiment", #"{"nodes": {"sample-a": {"extends": "mnist/sample-1k", "count": 1}}}"#),
        (
            "experiment",
            #"{"extends": "mnist", "change": {"attack-a, attack-b": {"epsilons": null}}}"#
        ),
    ])
    func whatIsRightIsValid(_ file: String, _ text: String) throws {
        let checker = JSONSchemaChecker(files: try #require(Self.schemas))
        let fault = checker.fault(of: try JSON.parse(text, named: "text"), by: "\(file).json")
        #expect(fault == nil, "\(fault ?? "")")
    }

    @Test func makeWritesThem() throws {
        let ground = try Playground()
        let outcome = try ground.make("schemas")
        #expect(
            outcome.status == 0
                && outcome.says("7 files in .build/schemas/"),
            "\(outcome.output)")
        for name in [
            "fetch", "train", "sample", "attack", "transfer", "visualize", "experiment",
        ] {
            let text = try #require(ground.read(".build/schemas/\(name).json"))
            let json = try JSON.parse(Array(text), named: name)
            #expect(json["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        }
        // A config that names its schema is the same config.
        _ = try ground.built()
        try ground.config(
            "train-mlp", #"{"$schema": "../../.build/schemas/train.json", "learning_rate": 0.1}"#)
        #expect(try ground.built() == [])
    }
}

/// A checker for the part of JSON Schema that our schemas use.
struct JSONSchemaChecker {
    let files: [String: JSON]

    /// What is wrong with a value by one of the files; nil for nothing.
    func fault(of value: JSON, by file: String) -> String? {
        guard let schema = files[file] else { return "there is no \(file)" }
        return fault(value, schema)
    }

    private static let words: Set<String> = [
        "$schema", "title", "description", "default", "$defs", "$ref", "type", "enum", "const",
        "anyOf",
        "properties", "patternProperties", "additionalProperties", "required", "items", "minimum",
        "maximum",
        "exclusiveMinimum", "pattern",
    ]

    private func fault(_ value: JSON, _ schema: JSON) -> String? {
        guard let schema = schema.object else { return "\(schema.canonical) is no schema" }
        if let odd = schema.keys.first(where: { !Self.words.contains($0) }) {
            return "unknown word \(odd)"
        }
        let shown = String(value.canonical.prefix(100))
        if let reference = schema["$ref"]?.string {
            let parts = reference.split(separator: "#", omittingEmptySubsequences: false)
            guard var target = files[String(parts[0])] else { return "no \(reference)" }
            for step in parts.dropFirst().first?.split(separator: "/") ?? [] {
                guard let next = target[String(step)] else { return "no \(reference)" }
                target = next
            }
            if let fault = fault(value, target) { return fault }
        }
        if let types = schema["type"] {
            let names = types.array?.compactMap(\.string) ?? [types.string ?? ""]
            if !names.contains(where: { Self.isType(value, $0) }) {
                return "\(shown) is no \(names)"
            }
        }
        if let words = schema["enum"]?.array, !words.contains(value) {
            return "\(shown) is none of \(words.count)"
        }
        if let only = schema["const"], only != value { return "\(shown) is not \(only.canonical)" }
        if let cases = schema["anyOf"]?.array {
            let faults = cases.map { fault(value, $0) }
            if faults.allSatisfy({ $0 != nil }) {
                return
                    "\(shown): none of \(faults.count) cases: \(faults.compactMap { $0 }.prefix(3))"
            }
        }
        if let number = value.double {
            if let least = schema["minimum"]?.double, !(number >= least) {
                return "\(shown) < \(least)"
            }
            if let most = schema["maximum"]?.double, !(number <= most) {
                return "\(shown) > \(most)"
            }
            if let below = schema["exclusiveMinimum"]?.double, !(number > below) {
                return "\(shown) ≤ \(below)"
            }
        }
        if let text = value.string, let pattern = schema["pattern"]?.string,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            return "\(shown) does not match \(pattern)"
        }
        if let items = value.array, let item = schema["items"] {
            if let fault = items.lazy.compactMap({ fault($0, item) }).first { return fault }
        }
        return value.object.flatMap { fault($0, of: schema) }
    }

    private func fault(_ members: [String: JSON], of schema: [String: JSON]) -> String? {
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil
        {
            return "\(name) is missing"
        }
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            var isKnown = false
            if let property = schema["properties"]?[key] {
                isKnown = true
                if let fault = fault(value, property) { return "\(key): \(fault)" }
            }
            for (pattern, property) in schema["patternProperties"]?.object ?? [:]
            where key.range(of: pattern, options: .regularExpression) != nil {
                isKnown = true
                if let fault = fault(value, property) { return "\(key): \(fault)" }
            }
            guard !isKnown, let other = schema["additionalProperties"] else { continue }
            if other == false { return "\(key) is unknown" }
            if other.object != nil, let fault = fault(value, other) { return "\(key): \(fault)" }
        }
        return nil
    }

    private static func isType(_ value: JSON, _ name: String) -> Bool {
        switch name {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "boolean": value.bool != nil
        case "null": value.isNull
        case "number": value.double != nil
        case "integer": value.double.map { $0 == $0.rounded() } ?? false
        default: false
        }
    }
}
