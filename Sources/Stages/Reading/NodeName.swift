// What a node of the pipeline is called.

/// Names of nodes.
package enum NodeName {
    /// What follows the stage: `mlp` of `train-mlp`.
    package static func stem(_ node: String) -> String {
        String(node.drop { $0 != "-" }.dropFirst())
    }
}
