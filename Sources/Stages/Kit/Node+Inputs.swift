// Which node makes what a stage reads, and under which name: written once for all stages.

extension Node {
    /// The kind of nodes whose artifacts belong to all experiments.
    static let sharedKind = "fetch"

    /// A part of a data set, which `fetch-<dataset>` brings in.
    public func dataset(_ dataset: String, _ split: String, role: String) -> NodeInput {
        input(role, "dataset", "\(dataset)-\(split).safetensors", madeBy: "fetch-\(dataset)")
    }

    /// A sample, which `sample-<name>` draws.
    public func sample(_ name: String, role: String = "sample") -> NodeInput {
        input(role, "sample", "\(name).safetensors", madeBy: "sample-\(name)")
    }

    /// The result of `attack-<name>`.
    public func attack(_ name: String, role: String) -> NodeInput {
        input(role, "attack", "\(name).safetensors", madeBy: "attack-\(name)")
    }

    /// The weights that this experiment calls by a name: trained by `train-<name>`, put together with
    /// data by `fit-<name>`, or fetched by `fetch-<name>`; with another suffix, such as "curve.json", what
    /// goes with them.
    public func model(
        _ name: String, _ suffix: String = "safetensors", role: (_ maker: String) -> String
    ) -> NodeInput {
        let makers = ["train", "fit"].map { "\($0)-\(name)" }
        let (own, fetcher) = (makers.first(where: siblings.contains), "fetch-\(name)")
        let file = "\(name).\(suffix)"
        guard own == nil, siblings.contains(fetcher) else {
            let maker = own ?? makers[0]
            return input(role(maker), "model", file, madeBy: maker)
        }
        let shared = Node(experiment: experiment, name: fetcher, siblings: siblings)
        return NodeInput(
            role: role(fetcher), name: shared.artifact("model", file), madeBy: command(fetcher))
    }

    /// What a node of this experiment makes, that is called as that node's stem.
    public func input(
        _ role: String, _ folder: String, _ file: String, madeBy maker: String
    ) -> NodeInput {
        NodeInput(role: role, name: artifact(folder, file), madeBy: command(maker))
    }
}
