// `make export-<attack>`: the adversarial images as PNG files, for whoever wants to look at them or to show
// them to another program.

import Artifacts
import Formats
import StageKit
import Tables

/// The pictures of one attack: every image that reached its goal, at every ε, rounded to 8 bits as the
/// 8-bit check rounds, and a table of them.
///
/// Pixels are stored as they are, so that the bytes are the same whatever the compressor.
struct PictureExport {
    /// The files: `index.csv` first.
    private(set) var files: [Store.ExportedFile] = []
    /// How many of them are pictures.
    var count: Int { files.count - 1 }

    private static let prefix = "export-"

    /// The node that a goal of Make asks for: `attack-fgsm` for `export-fgsm`; any other stands for itself.
    static func node(of goal: String) -> String {
        goal.hasPrefix(prefix) ? "attack-" + goal.dropFirst(prefix.count) : goal
    }

    /// The folder below `export/`: that of the attack, in one of its experiment, also of the main one: the
    /// attack `fgsm` of that and an experiment called `fgsm` would lie in one folder else.
    static func folder(of node: Node) -> String { "\(node.experiment)/\(node.stem)" }

    /// Reads the artifact of an attack.
    /// - Throws: `FormatFault` for a file of another schema; `StageFault` for images that are neither grey nor
    ///   of three colours.
    init(_ file: SafeTensors, of node: Node) throws {
        try file.requireSchema("mirage.attack")
        let images = try file.entry("adversarial", .f32, shape: [nil, nil, nil, nil, nil])
        let (budgets, samples) = (images.shape[0], images.shape[1])
        let picture = Array(images.shape[2...])
        guard let channels = PNG.Channels(rawValue: picture[0]) else {
            throw StageFault(
                .badData,
                "\(node.name): its images have \(picture[0]) channels, and a PNG file has 1 or 3",
                remedy: "read them from \(file.file.name)")
        }
        let rows = try Rows(file, budgets: budgets, samples: samples)
        var entries: [(name: String, place: Int)] = []
        var taken: Set<String> = []
        for place in 0..<budgets * samples where rows.success[place] != 0 {
            var name = rows.name(of: place, attack: node.stem)
            if !taken.insert(name.lowercased()).inserted {
                name += "_row-\(place % samples)"
                taken.insert(name.lowercased())
            }
            entries.append((name + ".png", place))
        }
        let listed = entries
        files.append(Store.ExportedFile("index.csv") { try rows.table(of: listed) })
        let size = picture.reduce(1, *)
        for (name, place) in entries {
            files.append(
                Store.ExportedFile(name) {
                    let bytes = file.bytes(of: images)
                    let pixels = (0..<size).map { index -> UInt8 in
                        // Rows of pixels with their channels side by side, from channel after channel.
                        let (pixel, channel) = (index / picture[0], index % picture[0])
                        let element = place * size + channel * picture[1] * picture[2] + pixel
                        let bits = bytes.loadUnaligned(fromByteOffset: 4 * element, as: UInt32.self)
                        return Self.level(Float(bitPattern: UInt32(littleEndian: bits)))
                    }
                    return try PNG(
                        width: picture[2], height: picture[1], channels: channels, pixels: pixels
                    ).stored(named: name)
                })
        }
    }

    /// The level of 0…255 that a pixel is rounded to: the nearest to the float 255·x, ties to even, as the
    /// kernel `round_to_bytes` has it; 0 for what is no number.
    static func level(_ x: Float) -> UInt8 {
        guard x > 0 else { return 0 }
        return UInt8((min(x, 1) * 255).rounded(.toNearestOrEven))
    }
}

extension PictureExport {
    /// The columns that names and table are made from.
    private struct Rows {
        let success, rounded: [UInt8]
        let index, label, answer: [Int64]
        let confidence, l2, linf: [Float]
        let epsilons: [Float]
        let classes: [String]

        private var samples: Int { index.count }
        private func epsilon(_ place: Int) -> Float? {
            epsilons.isEmpty ? nil : epsilons[place / samples]
        }

        init(_ file: SafeTensors, budgets: Int, samples: Int) throws {
            func json(_ key: String) throws -> [JSON] {
                try JSON.parse(file.text(key), named: "\(file.file.name), metadata `\(key)`").array
                    ?? []
            }
            success = try file.uint8s("success", shape: [budgets, samples])
            rounded = try file.uint8s("success_8bit", shape: [budgets, samples])
            index = try file.int64s("index", shape: [samples])
            label = try file.int64s("label", shape: [samples])
            answer = try file.int64s("final_class", shape: [budgets, samples])
            confidence = try file.floats("final_confidence", shape: [budgets, samples])
            l2 = try file.floats("l2", shape: [budgets, samples])
            linf = try file.floats("linf", shape: [budgets, samples])
            let listed = try json("epsilons").map { Float($0.double ?? .nan) }
            epsilons = listed.count == budgets ? listed : []
            classes = try json("classes").map { $0.string ?? "" }
        }

        /// `3437_7-as-9_fgsm_eps-0.05`: index, true class, answer, attack, ε.
        func name(of place: Int, attack: String) -> String {
            let sample = place % samples
            let strength = epsilon(place).map { "_eps-\(CSVWriter.shortest($0))" } ?? ""
            return
                "\(index[sample])_\(word(label[sample]))-as-\(word(answer[place]))_\(attack)\(strength)"
        }

        /// A class in letters, digits and hyphens; its number where nothing is left of its name.
        private func word(_ label: Int64) -> String {
            guard classes.indices.contains(Int(label)) else { return "\(label)" }
            let parts = classes[Int(label)].unicodeScalars.split {
                !($0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0))
            }
            let word = parts.map { String($0) }.joined(separator: "-").prefix(40)
            return word.isEmpty ? "class-\(label)" : String(word)
        }

        func table(of entries: [(name: String, place: Int)]) throws -> [UInt8] {
            var bytes: [UInt8] = []
            var table = CSVWriter { bytes += Array($0) }
            for name in [
                "file", "index", "label", "label_name", "answer", "answer_name", "confidence",
                "epsilon",
                "survives_8bit", "l2", "linf",
            ] { table.text(name) }
            try table.endRow()
            for (name, place) in entries {
                let sample = place % samples
                table.text(name)
                table.number(Int(index[sample]))
                for label in [label[sample], answer[place]] {
                    table.number(Int(label))
                    table.text(classes.indices.contains(Int(label)) ? classes[Int(label)] : "")
                }
                table.number(confidence[place])
                if let epsilon = epsilon(place) { table.number(epsilon) } else { table.none() }
                table.flag(rounded[place] != 0)
                table.number(l2[place])
                table.number(linf[place])
                try table.endRow()
            }
            try table.finish()
            return bytes
        }
    }
}
