// Max and Min, of signals and constants.

import Networks

extension ImportOperators {
    /// The largest or smallest of signals and constants.
    static func extremum(larger: Bool) -> Function {
        { call, network in
            let node = call.node
            var result: Signal?
            for index in call.inputs.indices where call.constantOnly(index) == nil {
                let signal = try call.signal(index)
                result =
                    try result.map { try network.extremum(larger, $0, signal, node) } ?? signal
            }
            guard var result else {
                throw node.misfit("it reads nothing that depends on the image")
            }
            for index in call.inputs.indices {
                guard let constant = call.constantOnly(index) else { continue }
                if let bound = constant.single.map({ Float($0) }), !bound.isNaN,
                    constant.shape.count <= result.axes.count + 1
                {
                    let name = network.name(node, kind: "clip")
                    let clip =
                        larger ? Clip(name, lower: bound) : Clip(name, upper: bound)
                    result = try network.add(clip, to: network.laidOut(result, node), node)
                } else {
                    let (a, b) = try network.both(result, constant, node)
                    result = try network.extremum(larger, a, b, node)
                }
            }
            return result
        }
    }
}

extension NetworkBuilder {
    /// The larger or the smaller of two signals.
    fileprivate mutating func extremum(
        _ larger: Bool, _ a: Signal, _ b: Signal, _ node: ModelNode
    ) throws -> Signal {
        let (a, b) = try alike(a, b, node)
        let name = name(node, kind: larger ? "max" : "min")
        return larger
            ? try join(a, b, node) { Maximum(name, with: $0) }
            : try join(a, b, node) { Minimum(name, with: $0) }
    }
}
