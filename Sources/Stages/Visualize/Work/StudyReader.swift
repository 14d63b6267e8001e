// From artifacts and records to the values that a report is made of. Which files these are is the
// stage's affair: this reader only asks for roles, so that tests can hand it files of their own.

import Digests
import Formats
import Report
import Tensors

/// Reads one experiment.
struct StudyReader {
    let contents: ReportContents
    let layout: ReportLayout
    /// The bytes of an input.
    let open: (String) throws -> MappedFile
    /// The record of the node that made an input.
    let record: (String) throws -> JSON

    /// The experiment as a whole, without what the report's own config adds.
    func study() throws -> Study {
        var study = Study(experiment: contents.experiment, layout: layout)
        var records: [JSON] = []
        if let first = contents.splits.first {
            study.dataset = try dataset()
            records.append(try record(ReportRole.split(first)))
        }
        for node in contents.networks {
            let file = try open(ReportRole.curve.of(node))
            study.networks.append((NodeName.stem(node), try NetworkReader(file).facts()))
            records.append(try record(ReportRole.curve.of(node)))
        }
        for (node, artifact) in contents.weights {
            let role = ReportRole.weights.of(node)
            let reader = try LiveReader(
                try open(role), artifact: artifact, record: try record(role))
            study.live.append(try reader.network(NodeName.stem(node)))
        }
        var samples = SampleOrigins()
        for (node, artifact) in contents.samples {
            let file = try open(ReportRole.sample.of(node))
            let sample = try sample(file)
            let record = try record(ReportRole.sample.of(node))
            samples.add(artifact, file, sample, dataset: try dataset(of: file, record))
            study.sample = study.sample ?? sample
            records.append(record)
        }
        for node in contents.predictions {
            let reader = try PredictionReader(try open(ReportRole.prediction.of(node)), node: node)
            study.predictions.append(try reader.prediction(of: samples))
            records.append(try record(ReportRole.prediction.of(node)))
        }
        for node in contents.attacks {
            let record = try record(ReportRole.attack.of(node))
            let reader = try AttackReader(
                try open(ReportRole.attack.of(node)), record: record, node: node)
            study.attacks.append(try reader.result(of: samples))
            records.append(record)
        }
        for node in contents.transfers {
            let reader = try TransferReader(try open(ReportRole.transfer.of(node)), node: node)
            study.transfers.append(try reader.result())
            records.append(try record(ReportRole.transfer.of(node)))
        }
        study.papers = try contents.papers.map {
            try PaperReader(open(ReportRole.paper.of($0))).table()
        }
        try checkReferences(of: study.papers)
        study.provenance = records.map(ProvenanceNode.init(record:))
        return study
    }

    /// A table can only ask for what the experiment has.
    private func checkReferences(of papers: [PaperTable]) throws {
        let known = Set(contents.networks + contents.attacks + contents.transfers)
        for (paper, file) in zip(papers, contents.papers) {
            let asked = paper.rows.flatMap(\.cells).compactMap(\.ours?.node)
            if let odd = asked.first(where: { !known.contains($0) }) {
                throw VisualizeFault.foreignNode(file: file, node: odd)
            }
        }
    }

    private func dataset() throws -> DatasetFacts {
        let parts = try contents.splits.map { split in
            let file = try SafeTensors(try open(ReportRole.split(split)))
            try file.requireSchema("mirage.dataset")
            return (
                name: try file.text("split"), file: file,
                labels: try file.int64s("labels").map { Int($0) }, classes: try file.classes()
            )
        }
        let first = parts[0]
        // As many images as the gallery needs of each class, the first ones of the training part.
        let each = max(1, layout.gallery / max(first.classes.count, 1))
        var taken: [Int: Int] = [:]
        let chosen = first.labels.indices.filter { position in
            guard layout.gallery > 0 else { return false }
            taken[first.labels[position], default: 0] += 1
            return taken[first.labels[position], default: 0] <= each
        }
        let images = try first.file.images("images", count: first.labels.count)
        var facts = DatasetFacts(
            name: try first.file.text("dataset"), classes: first.classes,
            splits: parts.map { part in
                var counts = Array(repeating: 0, count: part.classes.count)
                for label in part.labels where counts.indices.contains(label) { counts[label] += 1 }
                return (part.name == "train" ? "training" : part.name, counts)
            },
            gallery: images.gathered(chosen), galleryLabels: chosen.map { first.labels[$0] })
        facts.unlabelled = parts.map { part in
            part.labels.count { !part.classes.indices.contains($0) }
        }.reduce(0, +)
        return facts
    }

    /// The data set that a sample was drawn from: its name, and the digests of what was read.
    private func dataset(of sample: MappedFile, _ record: JSON) throws -> String {
        let digests = (record["inputs"]?.array ?? []).compactMap { $0["sha256"]?.string }
        let name = try SafeTensors(sample).metadata["dataset"] ?? ""
        return ([name] + digests).joined(separator: " ")
    }

    private func sample(_ mapped: MappedFile) throws -> SampleFacts {
        let file = try SafeTensors(mapped)
        try file.requireSchema("mirage.sample")
        let count = try file.entry("labels", .i64, shape: [nil]).count
        var facts = SampleFacts(
            images: try file.images("images", count: count), classes: try file.classes(),
            seed: try file.text("seed"))
        facts.names =
            try file.metadata["names"].map {
                try JSON.parse($0, named: "\(file.file.name), metadata `names`").array?
                    .compactMap(\.string) ?? []
            } ?? []
        return facts
    }
}

/// The samples of an experiment by their contents, which is how attacks and predictions name them.
struct SampleOrigins {
    /// A sample and where it lies.
    struct Origin {
        let artifact: String
        let images: Tensor
        /// The files that its images come from, where it knows.
        let names: [String]
        /// The data set that it was drawn from.
        let dataset: String
    }

    private var origins: [String: Origin] = [:]

    /// Adds a sample's file, which is hashed.
    mutating func add(
        _ artifact: String, _ file: MappedFile, _ sample: SampleFacts, dataset: String
    ) {
        let digest = withExtendedLifetime(file) { Digest(of: file.bytes) }
        origins[digest.hex] = Origin(
            artifact: artifact, images: sample.images, names: sample.names, dataset: dataset)
    }

    /// The sample of a digest.
    /// - Throws: `VisualizeFault.foreignSample` when the experiment has none such.
    func origin(_ digest: String, of file: String) throws -> Origin {
        guard let origin = origins[digest] else {
            throw VisualizeFault.foreignSample(
                file: file, sample: String(digest.prefix(12)),
                known: origins.map { "\($0.value.artifact) (\($0.key.prefix(12)))" }.sorted())
        }
        return origin
    }
}

extension SafeTensors {
    /// The class names of an artifact's metadata.
    func classes() throws -> [String] {
        let json = try JSON.parse(try text("classes"), named: "\(file.name), metadata `classes`")
        guard let names = json.array?.compactMap(\.string), names.count == json.array?.count else {
            throw VisualizeFault.malformed(
                file: file.name, what: "metadata `classes`", expected: "a JSON array of texts",
                found: json.kind)
        }
        return names
    }

    /// A batch of images [N, C, H, W] over the file's own memory.
    func images(_ name: String, count: Int) throws -> Tensor {
        let entry = try entry(name, .f32, shape: [count, nil, nil, nil])
        return Tensor(mapping: bytes(of: entry), shape: entry.shape, owner: file)
    }
}

extension Tensor {
    /// A copy of some of the rows, in the order given.
    func gathered(_ rows: [Int]) -> Tensor {
        let size = shape.dropFirst().reduce(1, *)
        let values = withFloats { floats in
            rows.flatMap { floats[$0 * size..<($0 + 1) * size] }
        }
        return Tensor(shape: [rows.count] + shape.dropFirst(), values: values)
    }
}

extension ProvenanceNode {
    /// The account of a node as its record gives it; missing parts stay empty.
    init(record: JSON) {
        func items(_ key: String) -> [Item] {
            (record[key]?.array ?? []).map { item in
                Item(
                    name: item["name"]?.string ?? "",
                    digest: item["sha256"]?.string ?? "not there, not needed")
            }
        }
        self.init(
            name: record["node"]?.string ?? "",
            config: record["config"].map(settings(from:)) ?? [], inputs: items("inputs"),
            outputs: items("outputs"))
    }
}

/// A config as keys and readable values, sorted by key; keys without a value are left out.
func settings(from config: JSON) -> [(key: String, value: String)] {
    func text(_ key: String, _ json: JSON) -> String {
        if let string = json.string { return string }
        if key == "channel_bounds", let pairs = json.array {
            let ends = pairs.map { ($0.array ?? []).map { text("", $0) } }
            return ends.map { $0.joined(separator: "…") }.joined(separator: ", ")
        }
        if let list = json.array { return list.map { text(key, $0) }.joined(separator: ", ") }
        if let flag = json.bool { return flag ? "yes" : "no" }
        let number = key == "epsilons" ? Numerals.epsilon : Numerals.setting
        return json.double.map(number) ?? json.canonical
    }
    return (config.object ?? [:]).sorted { $0.key < $1.key }.filter { !$0.value.isNull }
        .map { ($0.key, text($0.key, $0.value)) }
}
