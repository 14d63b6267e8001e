// From artifacts and records to the values that a report is made of. Which files these are is the
// stage's affair: this reader only asks for roles, so that tests can hand it files of their own.

import Formats
import Report
import StudyReading
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
            let record = try record(ReportRole.sample.of(node))
            let reader = try SampleReader(file, record: record)
            let sample = try reader.facts()
            samples.add(artifact, file, sample, dataset: reader.dataset)
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
