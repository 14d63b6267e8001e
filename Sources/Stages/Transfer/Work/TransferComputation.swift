// Shows the adversarial images of several attacks to several networks: each network answers once to
// the clean images and to the images of every attack at every epsilon.

import Datasets
import Digests
import Formats
import Networks
import StageNetworks
import StageWork
import Tensors

/// Reads the roles `sample`, `attack <name>` and `model <name>`, writes one artifact of the schema
/// mirage.transfer.
package enum TransferComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        try TransferAnswers(config, work).stored()
    }
}

/// The answers of some models to the images of some attacks.
private struct TransferAnswers {
    private let work: any Workspace
    private let sample: LabelledImages
    private let attacks: [AttackImages]
    private let models: [(name: String, network: Network)]

    /// What an attack left: its images and which of them fooled the network that they were made for.
    private struct AttackImages {
        let name: String
        /// The method, and the stem of the network that was attacked.
        let method: String, source: String
        let epsilons: [Double]
        /// [K·N, C, H, W] and [K·N].
        let images: Tensor, isSuccess: [Bool]
        /// The class that each image was led away from: its own or, where that is unknown, what the
        /// network that was attacked said of the untouched image.
        let labels: [Int]

        var levels: Int { max(1, epsilons.count) }

        var facts: String {
            let members: [String: JSON] = [
                "attack": .string(method), "model": .string(source),
                "epsilons": .array(epsilons.map(JSON.number)),
            ]
            return JSON.object(members).canonical
        }
    }

    init(_ config: any ResolvedConfig, _ work: any Workspace) throws {
        self.work = work
        let file = try SafeTensors(work.open("sample"))
        let sample = try LabelledImages(reading: file, as: "mirage.sample")
        self.sample = sample
        attacks = try config.texts("attacks").map { name in
            try Self.images(
                of: name, SafeTensors(work.open("attack \(name)")), from: sample,
                work.digest(of: "sample"), work.name(of: "sample"))
        }
        let engine = work.engine
        models = try config.texts("models").map { name in
            let model = try SafeTensors(work.open("model \(name)"))
            let network = try Network(reading: model, engine: engine)
            try network.check(model: model, sample: file, config: config.file)
            return (name, network)
        }
    }

    private static func images(
        of name: String, _ file: SafeTensors, from sample: LabelledImages, _ digest: Digest,
        _ origin: String
    ) throws -> AttackImages {
        try file.requireSchema("mirage.attack")
        let config = try JSON.parse(
            try file.text("config"), named: "\(file.file.name), metadata `config`")
        guard try file.text("sample_sha256") == digest.hex else {
            throw StageFault(
                .badData,
                "\(file.file.name) was made from another sample "
                    + "(\(config["sample"]?.string ?? "unknown")) than \(origin)",
                remedy: "name attacks on one sample, and that sample")
        }
        let list = try JSON.parse(
            try file.text("epsilons"), named: "\(file.file.name), metadata `epsilons`")
        let epsilons = (list.array ?? []).compactMap(\.double)
        let levels = max(1, epsilons.count)
        let shape: [Int?] = [levels, sample.count] + sample.imageShape
        let images = try file.tensor("adversarial", shape: shape)
        let own = try file.int64s("label", shape: [sample.count]).map(Int.init)
        return AttackImages(
            name: name, method: try file.text("attack"), source: config["model"]?.string ?? "",
            epsilons: epsilons,
            images: images.reshaped([levels * sample.count] + sample.imageShape),
            isSuccess: try file.uint8s("success", shape: [levels, sample.count]).map { $0 != 0 },
            labels: sample.labels.indices.map {
                sample.labels[$0] == LabelledImages.unknown ? own[$0] : sample.labels[$0]
            })
    }

    /// Writes the answers and gives the counts.
    func stored() throws -> JSON {
        var done = 0
        func answers(_ network: Network, _ images: Tensor) throws -> [Int] {
            let classes = try network.mapBatches(of: images.rowCount) { pass, rows in
                try pass.logits(of: images.rows(rows)).argmaxOfRows()
            }
            done += 1
            work.log.progress(done: done, of: models.count * (attacks.count + 1), label: "batches")
            return classes.flatMap { $0 }
        }
        let clean = try models.map { try answers($0.network, sample.images) }
        let isLabelled = sample.labels.map { $0 != LabelledImages.unknown }
        var columns = [
            Column("label", sample.labels),
            Column("clean", clean.flatMap { $0 }, shape: [models.count, sample.count]),
        ]
        var texts = [
            "models": JSON.array(models.map { .string($0.name) }).canonical,
            "attacks": JSON.array(attacks.map { .string($0.name) }).canonical,
            "sample_sha256": try work.digest(of: "sample").hex,
        ]
        var rows: [JSON] = []
        for attack in attacks {
            // By model here, by level and then model in the file.
            let found = try models.map { try answers($0.network, attack.images) }
            let inOrder = (0..<attack.levels).flatMap { level in
                found.flatMap { $0[level * sample.count..<(level + 1) * sample.count] }
            }
            columns.append(
                Column(
                    "\(attack.name).answer", inOrder,
                    shape: [attack.levels, models.count, sample.count]))
            if isLabelled.contains(false) {
                columns.append(Column("\(attack.name).label", attack.labels))
            }
            columns.append(
                Column(
                    "\(attack.name).success", attack.isSuccess,
                    shape: [attack.levels, sample.count]))
            texts["attack.\(attack.name)"] = attack.facts
            rows += (0..<attack.levels).map { row(attack, $0, found) }
        }
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.transfer",
            metadata: texts, columns: columns)
        var summary: [String: JSON] = [
            "models": .array(models.map { .string($0.name) }),
            "sample": .integer(Int64(sample.count)),
            "clean_wrong": .array(
                clean.map { answers in
                    .integer(
                        Int64(
                            answers.indices.count {
                                isLabelled[$0] && answers[$0] != sample.labels[$0]
                            }))
                }),
            "rows": .array(rows),
        ]
        let unlabelled = isLabelled.count { !$0 }
        if unlabelled > 0 { summary["unlabelled"] = .integer(Int64(unlabelled)) }
        return .object(summary)
    }

    private func row(_ attack: AttackImages, _ level: Int, _ found: [[Int]]) -> JSON {
        let start = level * sample.count
        let images = (0..<sample.count).filter { attack.isSuccess[start + $0] }
        var members: [String: JSON] = [
            "attack": .string(attack.name), "images": .integer(Int64(images.count)),
            "wrong": .array(
                found.map { answers in
                    .integer(Int64(images.count { answers[start + $0] != attack.labels[$0] }))
                }),
        ]
        if attack.epsilons.indices.contains(level) {
            members["epsilon"] = .number(attack.epsilons[level])
        }
        return .object(members)
    }
}
