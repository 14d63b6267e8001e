// The import: from a checked graph to an architecture and its weights.

import Faults
import Formats
import Networks
import Tensors

/// A network that an ONNX file describes, built of our layers.
public struct ONNXNetwork: Sendable {
    /// How a file is taken.
    public struct Options: Sendable {
        /// The architecture's name.
        public var name: String
        /// Rows and columns of an image where the file leaves them open.
        public var size: [Int]?
        /// [C, H, W] of an image, for a file whose input has as many numbers under another shape, such
        /// as [784, 1]; pixels then enter in the order (C, H, W). Nil: as the file has it.
        public var imageShape: [Int]?
        /// Takes an output of any shape as a row of logits, in the order (C, H, W). False: maps of more
        /// than one pixel are refused, since a classifier gives none.
        public var flattensOutput: Bool
        /// Numbers for all inputs but that of the images, by name, for a file that has several; each of
        /// the shape that the file states for it, so far as it does.
        public var constants: [String: Tensor]

        /// How a file is taken.
        public init(
            name: String = "onnx", size: [Int]? = nil, imageShape: [Int]? = nil,
            flattensOutput: Bool = false, constants: [String: Tensor] = [:]
        ) {
            (self.name, self.size, self.imageShape) = (name, size, imageShape)
            (self.flattensOutput, self.constants) = (flattensOutput, constants)
        }
    }

    /// The layers.
    public let architecture: Architecture
    /// The weights, named as the architecture's parameters.
    public let parameters: [String: Tensor]
    /// What was taken otherwise than the file says it, a sentence each.
    public let notes: [String]
    /// How often each operator occurs among those that the output needs.
    public let operators: [String: Int]

    /// Builds the network of a file.
    ///
    /// - Throws: `ONNXFault`, and `NetworkFault` where the layers do not fit each other.
    public init(_ file: ONNXFile, _ options: Options = Options()) throws {
        do {
            try self.init(ModelGraph(file, holding: options.constants), options)
        } catch let problem as ONNXProblem {
            throw ONNXFault(file: file.name, problem: problem)
        }
    }

    private init(_ graph: ModelGraph, _ options: Options) throws {
        let input = try InputShape(graph, options)
        var builder: NetworkBuilder
        do {
            builder = try Self.run(graph, input, imageShape: input.imageShape)
        } catch let wish as ImageShapeWish {
            // A row of pixels that the graph first of all makes an image of.
            guard options.imageShape == nil || options.imageShape == wish.shape else {
                throw wish.problem
            }
            do {
                builder = try Self.run(graph, input, imageShape: wish.shape)
            } catch let wish as ImageShapeWish {
                throw wish.problem
            }
        }
        try builder.finish(output: graph.output, flattens: options.flattensOutput)
        architecture = try Architecture(
            options.name, imageShape: builder.imageShape, layers: builder.layers)
        parameters = builder.parameters
        notes = builder.notes
        operators = graph.nodes.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
    }

    /// Takes the graph node by node.
    private static func run(
        _ graph: ModelGraph, _ input: InputShape, imageShape: [Int]
    ) throws -> NetworkBuilder {
        var builder = NetworkBuilder(graph, input, imageShape: imageShape)
        for node in graph.nodes {
            for name in node.inputs where builder.operands[name] == nil {
                if let held = graph.held[name] {
                    builder.operands[name] = .constant(held)
                } else if let tensor = graph.initializers[name] {
                    builder.operands[name] = .constant(try Constant(tensor, name))
                }
            }
            let call = NodeCall(
                node: node, opset: graph.opset, batch: input.batch,
                inputs: node.inputs.map { $0.isEmpty ? nil : builder.operands[$0] })
            let results = try builder.apply(call)
            for other in node.outputs.dropFirst(results.count) where graph.readers[other] != nil {
                throw node.unsupported(
                    "only its first output to be used", "\(ONNXProblem.quoted(other))")
            }
            for (name, result) in zip(node.outputs, results) where graph.readers[name] != nil {
                builder.operands[name] = result
            }
            builder.release(node)
        }
        return builder
    }
}

extension NetworkBuilder {
    /// Folds a node of constants, or adds what it does to the layers.
    fileprivate mutating func apply(_ call: NodeCall) throws -> [Operand] {
        let node = call.node
        guard !node.holdsGraph else {
            throw ONNXProblem.unknownOperator(
                node: node.name, operator: node.kind, why: "it runs a graph of its own")
        }
        guard !node.isForeign else {
            throw ONNXProblem.unknownOperator(
                node: node.name, operator: node.kind,
                why: "it is an operator of \(ONNXProblem.quoted(node.domain)), not of ONNX")
        }
        let isConstant = call.inputs.allSatisfy {
            if case .signal = $0 { false } else { true }
        }
        if let fold = FoldedOperators.all[node.kind],
            isConstant || FoldedOperators.ofShapes.contains(node.kind)
        {
            let result = try fold(call, &budget)
            return [.constant(result)]
        }
        if !isConstant, let add = ImportOperators.several[node.kind] {
            return try add(call, &self).map { .signal($0) }
        }
        guard let add = ImportOperators.all[node.kind] else {
            throw ONNXProblem.unknownOperator(
                node: node.name, operator: node.kind, why: ImportOperators.reason(node.kind))
        }
        guard !isConstant else {
            throw node.misfit("it reads nothing that depends on the image")
        }
        return [.signal(try add(call, &self))]
    }
}
