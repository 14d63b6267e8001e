// In which form a config of `fetch-network` gives a network: the word at "network", or "layers".

import Formats
import StageWork

/// Where the layers of a network come from.
package enum NetworkForm: Equatable {
    /// A name of the catalogue.
    case catalogue(String)
    /// A list in the config itself.
    case layers
    /// An .onnx file: layers, and weights too where none are named.
    case onnx(String)
    /// A JSON file with "layers" and "image".
    case json(String)

    /// The most bytes of a JSON file that describes a network.
    package static let jsonLimit = 16 << 20

    /// What a config says.
    ///
    /// - Throws: `StageFault` for a file that is no network, with what to say instead.
    package init(of config: any ResolvedConfig) throws {
        guard !config.isSet("layers") else {
            guard !config.isSet("network") else {
                throw StageFault(
                    .usage, "\(config.file): network and layers are given, and each is a network",
                    remedy: "leave one of them out")
            }
            self = .layers
            return
        }
        guard config.isSet("network") else {
            throw StageFault(
                .usage, "\(config.file): no network is named",
                remedy: "say which: \"network\": \"net.onnx\", or MODEL=net.onnx for `make mine`")
        }
        let word = try config.text("network")
        switch word.split(separator: ".", omittingEmptySubsequences: false).last?.lowercased() {
        case "onnx" where word.contains("."): self = .onnx(word)
        case "json" where word.contains("."): self = .json(word)
        case let suffix? where ["pth", "pt", "safetensors", "bin", "ckpt"].contains(suffix):
            throw StageFault(
                .usage,
                "\(Shown.text(word)) may hold weights, and of which network it does not say",
                remedy: "name both, as in MODEL=net.json WEIGHTS=\(Shown.text(word)); net.json has "
                    + "{\"image\": [1, 28, 28], \"layers\": [{\"dense\": 100}, …]}")
        default: self = .catalogue(word)
        }
    }

    /// The file that it is read from, if that is one of its own.
    package var file: String? {
        switch self {
        case .catalogue, .layers: nil
        case .onnx(let file), .json(let file): file
        }
    }

    /// Whether it is a JSON file of layers.
    var isJSON: Bool { if case .json = self { true } else { false } }

    /// Whether the weights are those of `pipeline/sources.json`.
    package func isPinned(_ config: any ResolvedConfig) -> Bool {
        if case .catalogue = self { return !config.isSet("weights") }
        return false
    }

    /// What an artifact calls the network: the file without folder and suffix.
    func name(_ stem: String) -> String {
        switch self {
        case .catalogue(let name): return name
        case .layers: return stem
        case .onnx(let file), .json(let file):
            let last = file.split(separator: "/").last ?? ""
            let name = last.split(separator: ".").dropLast().joined(separator: ".")
            return name.isEmpty ? stem : Shown.start(name, 60)
        }
    }
}
