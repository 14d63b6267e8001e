// Where every number comes from: the graph of the pipeline, and what each node read and wrote. Digests
// are those of contents: of keys and of the sources' digests a page says nothing, so that it
// changes only when something that it shows does.

extension Page {
    /// The nodes behind this page; nil if none is known.
    var provenance: Markup? {
        guard !study.provenance.isEmpty else { return nil }
        let choice = (study.isMain ? "" : " EXPERIMENT=\(study.experiment)") + ownChoice
        return group {
            paragraph {
                "Each step of the pipeline leaves a record of what it read, with which settings, and what "
                "it wrote. Contents are named by their SHA-256 digest: the same contents, settings and "
                "code give the same bytes, on every machine and for any number of threads."
            }
            figure(
                "wide",
                tag(
                    "div",
                    [
                        "class": "scroll", "role": "region", "aria-label": "The pipeline",
                        "tabindex": "0",
                    ]
                ) {
                    graph.markup
                }
            ) {
                "The pipeline. An arrow says that one step reads what another wrote; under each name, "
                "the beginning of the digest of the tensors, or of the file, that it wrote."
            }
            verification
            tag("h3") { "To do it again" }
            tag("pre", ["tabindex": "0", "role": "region", "aria-label": "Commands"]) {
                tag("code") {
                    "make all\(choice)        # everything on this page, from raw data\n"
                    "make verify\(choice)     # compares every digest with the committed ones\n"
                    "make why\(choice)        # says what is fresh, what is not, and why\n"
                    for node in study.provenance where node.name.hasPrefix("attack-") {
                        "make \(node.name)\(choice)\n"
                    }
                }
            }
        }
    }

    /// What each node read and wrote, digest by digest, at the end of the page; nil if none is known.
    var records: Markup? {
        guard !study.provenance.isEmpty else { return nil }
        return group {
            paragraph {
                "What each step of the pipeline read and wrote, with the SHA-256 digests of the contents, "
                "and its settings."
            }
            for node in study.provenance { account(node) }
        }
    }

    /// The network, weights and pictures of the user's own, as `make` takes them.
    private var ownChoice: String {
        func value(_ node: String, _ key: String) -> String? {
            study.provenance.first { $0.name == node }?.config.first { $0.key == key }?.value
        }
        let given = [
            ("MODEL", value("fetch-network", "network")),
            ("WEIGHTS", value("fetch-network", "weights")),
            ("IMAGES", value("fetch-imagenet", "folder")),
        ]
        return given.compactMap { name, value in
            value.map { $0.contains(" ") ? " \(name)='\($0)'" : " \(name)=\($0)" }
        }.joined()
    }

    private var graph: GraphPicture {
        let nodes = study.provenance
        var makers: [String: String] = [:]
        for node in nodes { for output in node.outputs { makers[output.name] = node.name } }
        var boxes = nodes.map { node in
            GraphPicture.Box(
                name: node.name, note: node.mark,
                after: Array(Set(node.inputs.compactMap { makers[$0.name] })).sorted())
        }
        boxes.append(
            GraphPicture.Box(name: "visualize", note: "this page", after: nodes.map(\.name)))
        // What a later node reads already is not repeated as an arrow to the page itself.
        let read = Set(boxes.dropLast().flatMap(\.after))
        let ends = nodes.map(\.name).filter { !read.contains($0) }
        boxes[boxes.count - 1] = GraphPicture.Box(name: "visualize", note: "this page", after: ends)
        return GraphPicture(boxes: boxes)
    }

    private func account(_ node: ProvenanceNode) -> Markup {
        func items(_ title: String, _ items: [ProvenanceNode.Item]) -> Markup {
            tag("div") {
                tag("dt") { title }
                for item in items {
                    tag("dd") {
                        code(item.name)
                        " "
                        tag("span", ["class": "digest"]) { item.digest }
                    }
                }
                if items.isEmpty { tag("dd") { "nothing" } }
            }
        }
        return tag("details", ["class": "node"]) {
            tag("summary") {
                tag("b") { node.name }
                " "
                tag("span", ["class": "digest"]) { node.mark }
            }
            tag("dl") {
                items("Read", node.inputs)
                items("Wrote", node.outputs)
                tag("div") {
                    tag("dt") { "Settings" }
                    for setting in node.config {
                        tag("dd") {
                            code(setting.key)
                            " = "
                            setting.value
                        }
                    }
                    if node.config.isEmpty { tag("dd") { "none" } }
                }
            }
        }
    }
}
