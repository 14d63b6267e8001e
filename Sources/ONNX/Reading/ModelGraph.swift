// A graph whose names are in order: each is given once, by a node, a constant or the input; nodes come
// after what they read; and nodes that the output does not need are gone.

import Formats
import Tensors

/// The input of a model and its shape; nil for a size that is left open.
struct ModelInput: Sendable {
    let name: String
    /// All axes, the batch first; nil where the file says nothing at all.
    let shape: [Int?]?
    /// The names of open sizes, and the numbers of the others.
    let words: [String]
}

/// A checked graph of one input and one output.
struct ModelGraph: Sendable {
    /// In an order in which they can run.
    let nodes: [ModelNode]
    let input: ModelInput
    let output: String
    /// The tensors of the file by name; their numbers are not looked at before they are asked for.
    let initializers: [String: ONNXTensorProto]
    /// The numbers that inputs other than the images are held at, by name.
    let held: [String: Constant]
    /// How many nodes read a name; the output counts as one.
    let readers: [String: Int]
    /// Version of the operators.
    let opset: Int

    /// - Throws: `ONNXProblem`.
    init(_ file: ONNXFile, holding constants: [String: Tensor] = [:]) throws(ONNXProblem) {
        let graph = file.graph
        opset = file.opset
        guard graph.node.count <= WireScan.nodeLimit else {
            throw .limit(
                what: "nodes of the graph", limit: WireScan.nodeLimit, found: graph.node.count)
        }
        guard graph.sparseInitializer.isEmpty else {
            throw .graph("it holds sparse tensors, expected dense ones")
        }
        var initializers: [String: ONNXTensorProto] = [:]
        for tensor in graph.initializer {
            guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
                throw .graph("two tensors are called \(ONNXProblem.quoted(tensor.name))")
            }
        }
        self.initializers = initializers
        let all = graph.input.filter { initializers[$0.name] == nil }
        held = try Self.held(constants, of: all)
        let inputs = all.filter { constants[$0.name] == nil }
        guard graph.output.count == 1, let last = graph.output.first else {
            throw .ends(what: "output", names: graph.output.map(\.name))
        }
        guard inputs.count == 1, let first = inputs.first else {
            throw .ends(what: "input", names: inputs.map(\.name))
        }
        output = last.name
        input = try ModelInput(first)
        let order = try NodeOrder(
            graph.node, given: Array(initializers.keys) + held.keys + [first.name])
        nodes = try order.needed(for: last.name)
        var readers = [last.name: 1]
        for name in nodes.flatMap(\.inputs) where !name.isEmpty {
            readers[name, default: 0] += 1
        }
        self.readers = readers
    }

    /// Numbers for inputs, each checked against the shape that the file states.
    private static func held(
        _ constants: [String: Tensor], of inputs: [ONNXValueInfoProto]
    ) throws(ONNXProblem) -> [String: Constant] {
        var held: [String: Constant] = [:]
        for (name, tensor) in constants.sorted(by: { $0.key < $1.key }) {
            guard let input = inputs.first(where: { $0.name == name }) else {
                throw .graph(
                    "there are numbers for an input \(ONNXProblem.quoted(name)), and its inputs are "
                        + inputs.prefix(8).map { ONNXProblem.quoted($0.name) }.joined(
                            separator: ", "))
            }
            let stated = input.type.tensorType.shape.dim.map(\.dimValue)
            let isKnown = input.type.tensorType.hasShape
            guard
                !isKnown
                    || stated.count == tensor.shape.count
                        && zip(stated, tensor.shape).allSatisfy({ $0 <= 0 || $0 == $1 })
            else {
                throw .tensor(
                    name: name,
                    "the input is [\(try ModelInput(input).words.joined(separator: ", "))], and the numbers "
                        + "for it are \(tensor.shape)")
            }
            held[name] = Constant(shape: tensor.shape, .floats(tensor.values))
        }
        return held
    }
}

extension ModelInput {
    init(_ value: ONNXValueInfoProto) throws(ONNXProblem) {
        name = value.name
        guard [0, 1, 10, 11, 16].contains(value.type.tensorType.elemType) else {
            throw .tensor(
                name: value.name,
                "the input's type is number \(value.type.tensorType.elemType), expected floats "
                    + "(a Cast to float inside the network can be exported away)")
        }
        guard value.type.tensorType.hasShape, !value.type.tensorType.shape.dim.isEmpty else {
            (shape, words) = (nil, ["?"])
            return
        }
        let sizes = value.type.tensorType.shape.dim
        guard sizes.count <= ShapeLimits.rank else {
            throw .tensor(name: value.name, "the input has \(sizes.count) axes")
        }
        shape = sizes.map { $0.dimValue > 0 ? Int(clamping: $0.dimValue) : nil }
        words = sizes.map { size in
            switch size.value {
            case .dimValue(let number) where number > 0: String(number)
            case .dimParam(let name) where !name.isEmpty: name
            default: "?"
            }
        }
    }
}

/// Nodes in the order of what they read.
private struct NodeOrder {
    private let nodes: [ONNXNodeProto]
    /// Which node gives a name.
    private var makers: [String: Int] = [:]
    private let given: Set<String>

    init(_ nodes: [ONNXNodeProto], given: [String]) throws(ONNXProblem) {
        (self.nodes, self.given) = (nodes, Set(given))
        for (index, node) in nodes.enumerated() {
            for name in node.output where !name.isEmpty {
                guard makers.updateValue(index, forKey: name) == nil, !self.given.contains(name)
                else { throw .graph("\(ONNXProblem.quoted(name)) is given twice") }
            }
        }
    }

    /// Those that an output needs, each after the nodes that it reads from, else as in the file.
    func needed(for output: String) throws(ONNXProblem) -> [ModelNode] {
        var isNeeded = Array(repeating: false, count: nodes.count)
        var open = [try maker(of: output, readBy: "the output")].compactMap { $0 }
        for index in open { isNeeded[index] = true }
        while let index = open.popLast() {
            for name in nodes[index].input where !name.isEmpty {
                let reader = "a node (\(ONNXProblem.quoted(nodes[index].opType)))"
                guard let source = try maker(of: name, readBy: reader), !isNeeded[source]
                else { continue }
                isNeeded[source] = true
                open.append(source)
            }
        }
        return try sorted(isNeeded)
    }

    /// The node that gives a name; nil for a tensor of the file or the input.
    private func maker(of name: String, readBy reader: String) throws(ONNXProblem) -> Int? {
        if given.contains(name) { return nil }
        guard let index = makers[name] else {
            throw .graph("\(reader) reads \(ONNXProblem.quoted(name)), which nothing gives")
        }
        return index
    }

    /// Those that are needed: in the file's order, but where a node reads what comes later, that first.
    private func sorted(_ isNeeded: [Bool]) throws(ONNXProblem) -> [ModelNode] {
        enum State { case new, open, done }
        var states = Array(repeating: State.new, count: nodes.count)
        var result: [ModelNode] = []
        for start in nodes.indices where isNeeded[start] && states[start] == .new {
            var path = [start]
            states[start] = .open
            while let index = path.last {
                let sources = nodes[index].input.compactMap { makers[$0] }
                if let loop = sources.first(where: { states[$0] == .open }) {
                    let node = try ModelNode(nodes[loop], index: loop)
                    throw .graph(
                        "node \(ONNXProblem.quoted(node.name)) (\(Shown.start(node.kind))) waits for "
                            + "its own output: a loop")
                }
                if let source = sources.first(where: { states[$0] == .new }) {
                    states[source] = .open
                    path.append(source)
                } else {
                    result.append(try ModelNode(nodes[index], index: index))
                    states[index] = .done
                    path.removeLast()
                }
            }
        }
        return result
    }
}
