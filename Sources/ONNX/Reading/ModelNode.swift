// A node of the graph and its attributes, each asked for by name and type.

import Foundation

/// A node: an operator, the names of what it reads and gives, and its attributes.
struct ModelNode: Sendable {
    /// The name for messages: the node's own, or the first name that it gives.
    let name: String
    /// The operator, such as "Conv".
    let kind: String
    /// Names of what it reads; empty for an optional input that is left out.
    let inputs: [String]
    /// Names of what it gives.
    let outputs: [String]
    private let attributes: [String: ONNXAttributeProto]

    /// - Throws: `ONNXProblem.unknownOperator` for one that is not ONNX's own or holds a graph,
    ///   `.misfit` for an attribute that occurs twice.
    init(_ node: ONNXNodeProto, index: Int) throws(ONNXProblem) {
        let given = node.output.first { !$0.isEmpty } ?? ""
        name = !node.name.isEmpty ? node.name : !given.isEmpty ? given : "number \(index)"
        kind = node.opType
        inputs = node.input
        outputs = node.output
        var attributes: [String: ONNXAttributeProto] = [:]
        for attribute in node.attribute {
            guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
                throw .misfit(
                    node: name, operator: kind,
                    "it has the attribute \(ONNXProblem.quoted(attribute.name)) twice")
            }
        }
        self.attributes = attributes
        isForeign = !["", "ai.onnx"].contains(node.domain)
        domain = node.domain
        holdsGraph = node.attribute.contains {
            !$0.g.isEmpty || !$0.graphs.isEmpty || [5, 10].contains($0.type)
        }
    }

    /// Whether the operator is not one of ONNX's own.
    let isForeign: Bool
    /// Whose it is.
    let domain: String
    /// Whether it runs a graph of its own, as If and Loop do.
    let holdsGraph: Bool

    /// Whether there is an attribute of this name.
    func has(_ attribute: String) -> Bool { attributes[attribute] != nil }

    private func value(
        _ attribute: String, types: Set<Int32>, _ words: String
    ) throws(ONNXProblem) -> ONNXAttributeProto? {
        guard let found = attributes[attribute] else { return nil }
        guard found.refAttrName.isEmpty, found.type == 0 || types.contains(found.type) else {
            throw unsupported("\(attribute) as \(words)", "another type")
        }
        return found
    }

    /// An attribute that is a whole number.
    func int(_ attribute: String) throws(ONNXProblem) -> Int? {
        try value(attribute, types: [2], "a whole number").map { Int(clamping: $0.i) }
    }

    /// An attribute that is a list of whole numbers.
    func ints(_ attribute: String) throws(ONNXProblem) -> [Int]? {
        try value(attribute, types: [7], "whole numbers").map { $0.ints.map { Int(clamping: $0) } }
    }

    /// An attribute that is a float.
    func float(_ attribute: String) throws(ONNXProblem) -> Float? {
        try value(attribute, types: [1], "a float").map(\.f)
    }

    /// An attribute that is a list of floats.
    func floats(_ attribute: String) throws(ONNXProblem) -> [Float]? {
        try value(attribute, types: [6], "floats").map(\.floats)
    }

    /// An attribute that is a text.
    func text(_ attribute: String) throws(ONNXProblem) -> String? {
        try value(attribute, types: [3], "a text").map { String(decoding: $0.s, as: UTF8.self) }
    }

    /// An attribute that is a tensor.
    func tensor(_ attribute: String) throws(ONNXProblem) -> Constant? {
        guard let found = try value(attribute, types: [4], "a tensor") else { return nil }
        return try Constant(found.t, "\(attribute) of \(name)")
    }

    /// The fault of a setting that is not known here.
    func unsupported(_ expected: String, _ found: String) -> ONNXProblem {
        .unsupported(node: name, operator: kind, expected: expected, found: found)
    }

    /// The fault of inputs that do not fit the node.
    func misfit(_ words: String) -> ONNXProblem {
        .misfit(node: name, operator: kind, words)
    }
}
