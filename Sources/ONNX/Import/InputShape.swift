// The shape of an image, from the input that the file states and from what the user says.

/// What one image is, and how the graph sees it.
struct InputShape: Sendable {
    /// The size of the batch that the file states; 1 where it leaves it open.
    let batch: Int
    /// The sizes that the graph sees, without the batch.
    let axes: [Int]
    /// Whether the graph wants [H, W, C].
    let isChannelsLast: Bool
    /// [C, H, W].
    let imageShape: [Int]

    /// - Throws: `ONNXProblem.dynamicSize` for a size that nobody states.
    init(_ graph: ModelGraph, _ options: ONNXNetwork.Options) throws(ONNXProblem) {
        let input = graph.input
        isChannelsLast = Self.isChannelsLast(graph)
        let image = options.imageShape
        guard let shape = input.shape ?? image.map({ [nil] + $0 }) else {
            throw .dynamicSize(input: input.name, shape: input.words, isSpatial: false)
        }
        // Where the file leaves the channels open, or the length of a row.
        var known: Int?
        if shape.count == 4 {
            known = image?.count == 3 ? image?.first : Self.channels(graph, isChannelsLast)
        } else if shape.count == 2, let image {
            known = try ShapeLimits.count(of: image, "the image")
        }
        batch = shape[0] ?? 1
        var axes: [Int] = []
        var sizes = (options.size ?? options.imageShape.map { Array($0.suffix(2)) } ?? [])[...]
        for (place, size) in shape.enumerated().dropFirst() {
            let isSpatial =
                shape.count == 4 && (isChannelsLast ? place == 1 || place == 2 : place > 1)
            if isSpatial, let given = sizes.popFirst() {
                guard size == nil || size == given else {
                    throw .wrongSize(
                        input: input.name, shape: input.words, asked: options.size ?? image ?? [])
                }
                axes.append(given)
            } else if let size = isSpatial ? size : size ?? known {
                axes.append(size)
            } else {
                let channels = shape.count == 4 ? shape[isChannelsLast ? 3 : 1] ?? known : nil
                throw .dynamicSize(
                    input: input.name, shape: input.words, isSpatial: channels != nil)
            }
        }
        let count = try ShapeLimits.count(of: [batch] + axes, input.name)
        guard shape.count > 1 else {
            throw .tensor(
                name: input.name,
                "the input has one axis, expected a batch and the axes of an image")
        }
        self.axes = axes
        // A row of pixels of a size that is said: [1, 784] are images of 28 × 28.
        var asked = options.imageShape
        if asked == nil, axes.filter({ $0 > 1 }).count < 2, let size = options.size,
            size.allSatisfy({ $0 > 0 })
        {
            let pixels = try ShapeLimits.count(of: size, "the image")
            if count / batch % pixels == 0 { asked = [count / batch / pixels] + size }
        }
        if let asked {
            guard asked.count == 3, asked.allSatisfy({ $0 > 0 }),
                try ShapeLimits.count(of: asked, "the image") == count / batch
            else {
                throw .wrongSize(input: input.name, shape: input.words, asked: asked)
            }
            imageShape = asked
        } else {
            switch axes.count {
            case 3 where isChannelsLast: imageShape = [axes[2], axes[0], axes[1]]
            case 3: imageShape = axes
            case 0, 1: imageShape = [count / batch, 1, 1]
            default:
                let middle = axes[1..<(axes.count - 1)].reduce(1, *)
                imageShape = [axes[0], middle, axes[axes.count - 1]]
            }
        }
    }

    /// The channels that the first convolution reads, if nothing but arithmetic comes before it.
    private static func channels(_ graph: ModelGraph, _ isChannelsLast: Bool) -> Int? {
        var names: Set<String> = [graph.input.name]
        for node in graph.nodes where node.inputs.contains(where: names.contains) {
            switch node.kind {
            case "Add", "Sub", "Mul", "Div", "Cast", "Identity": names.formUnion(node.outputs)
            case "Transpose" where isChannelsLast: names.formUnion(node.outputs)
            case "Conv":
                guard node.inputs.count > 1, let weight = graph.initializers[node.inputs[1]],
                    weight.dims.count == 4, let groups = try? node.int("group") ?? 1
                else { return nil }
                let (channels, overflows) =
                    Int(clamping: weight.dims[1]).multipliedReportingOverflow(by: groups)
                return overflows || channels < 1 ? nil : channels
            default: return nil
            }
        }
        return nil
    }

    /// Whether all that the graph does to the images first is to bring the channels forward, as
    /// networks of TensorFlow do.
    private static func isChannelsLast(_ graph: ModelGraph) -> Bool {
        guard graph.input.shape?.count == 4 else { return false }
        var names: Set<String> = [graph.input.name]
        var isTransposed = false
        for node in graph.nodes where node.inputs.contains(where: names.contains) {
            switch node.kind {
            case "Transpose":
                guard (try? node.ints("perm")) == [0, 3, 1, 2] else { return false }
                isTransposed = true
            case "Add", "Sub", "Mul", "Div", "Cast", "Identity":
                names.formUnion(node.outputs)
            default: return false
            }
        }
        return isTransposed
    }
}
