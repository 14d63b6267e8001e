// Weights that others have trained, in any of the formats that they come in: the one reader of files that
// `fetch-network` and `stage-train --weights` take.

import Formats
import Networks
import StageWork
import Tensors

/// A file of weights for one architecture, its names and shapes compared with it. Nothing but names is in
/// memory until a tensor is asked for.
public struct WeightFile: Sendable {
    private enum Content: Sendable {
        case torch(TorchCheckpoint, [TorchCheckpoint.Entry])
        case safeTensors(SafeTensors)
    }

    /// "safetensors" or "PyTorch checkpoint (zip)", as the record keeps it.
    public let format: String
    /// What the user should know: which of several dictionaries was taken, what was left out.
    public let notes: [String]
    private let file: MappedFile
    private let architecture: Architecture
    private let content: Content
    /// The names in the file by parameter, with their index in their dictionary.
    private let names: [String: (name: String, index: Int)]
    /// The names in the file by parameter, where they were matched by order and shape; else none.
    public let matched: [String: String]

    /// Reads the table of contents, and finds in it the weights of an architecture; which
    /// format it is, the bytes tell. Names are compared as they are, or as `renaming` has them; where
    /// none fits, layers are matched by order and shape (`WeightOrder`), and `notes` show every pair.
    /// - Throws: `FormatFault` for a damaged file; `StageFault` for one of another format or without the
    ///   weights of this architecture, which names what it holds.
    public init(
        _ file: MappedFile, for architecture: Architecture, renaming: WeightRenaming = .none
    ) throws {
        (self.file, self.architecture) = (file, architecture)
        let name = Shown.text(file.name)
        let dictionaries: [WeightDictionary]
        var checkpoint: TorchCheckpoint?
        var tensors: SafeTensors?
        if SafeTensors.matches(file) {
            let read = try SafeTensors(file)
            tensors = read
            format = "safetensors"
            dictionaries = [WeightDictionary(read)]
        } else {
            let read = try WeightFile.checkpoint(file)
            checkpoint = read
            format = "PyTorch checkpoint (\(read.container.rawValue))"
            dictionaries = read.dictionaries.map(WeightDictionary.init)
        }
        try renaming.checkUsed(in: dictionaries, file: name)
        var found: (choice: WeightChoice, alsoFitting: [WeightDictionary])
        var isMatched = false
        do {
            found = try WeightNames.choose(
                among: dictionaries.map(renaming.applied), for: architecture, file: name)
        } catch let mismatch as WeightMismatch {
            // A table says what is what: where it does not do, nothing else is tried.
            let choices = (renaming.isNone ? dictionaries : []).compactMap { dictionary in
                WeightOrder.match(dictionary, isOrdered: tensors == nil, architecture).map {
                    WeightChoice(dictionary: dictionary, prefix: "", items: $0)
                }
            }
            guard let choice = choices.first, choices.count == 1 else {
                throw WeightFile.fault(mismatch, dictionaries, in: name)
            }
            found = (choice, [])
            isMatched = true
        }
        // By the names that the file has, whatever a table makes of them.
        let items =
            dictionaries.first { $0.path == found.choice.dictionary.path }?.items
            ?? found.choice.dictionary.items
        names = found.choice.items.mapValues { (items[$0].name, $0) }
        matched = isMatched ? names.mapValues(\.name) : [:]
        notes =
            WeightFile.notes(found.choice, found.alsoFitting, architecture, in: name)
            + WeightFile.table(matched, architecture, in: name)
        if let tensors {
            content = .safeTensors(tensors)
        } else if let checkpoint,
            let dictionary = checkpoint.dictionaries.first(where: {
                $0.path == found.choice.dictionary.path
            })
        {
            content = .torch(checkpoint, dictionary.tensors)
        } else {
            throw StageFault(.software, "\(name) lost its weights")
        }
    }

    /// A parameter of the architecture as floats, all of them finite.
    /// - Throws: `FormatFault` for a damaged one; `StageFault` that names the file, the tensor and the
    ///   place of a NaN or an infinity.
    public func tensor(_ parameter: String) throws -> Tensor {
        guard let (name, index) = names[parameter] else {
            throw StageFault(.software, "\(architecture.name) has no parameter \(parameter)")
        }
        let tensor: Tensor
        switch content {
        case .safeTensors(let tensors): tensor = try WeightFile.read(name, of: tensors)
        case .torch(let checkpoint, let entries):
            tensor = try WeightFile.read(entries[index], of: checkpoint)
        }
        if let place = tensor.firstNotFinite {
            throw StageFault(
                .badData,
                "\(Shown.text(file.name)): tensor \(Shown.start(name)) holds "
                    + "\(tensor.withFloats { $0[place] }) at "
                    + "\(WeightFile.index(of: place, in: tensor.shape)); the numbers of a network must "
                    + "be finite",
                remedy: "take a checkpoint of before the training went wrong")
        }
        return tensor
    }

    /// All parameters of the architecture.
    /// - Throws: As `tensor(_:)`.
    public func parameters() throws -> [String: Tensor] {
        var parameters: [String: Tensor] = [:]
        for parameter in architecture.parameters {
            parameters[parameter.name] = try tensor(parameter.name)
        }
        return parameters
    }

    /// What is to be said once tensors have been read: parts of an archive whose bytes are not those that
    /// its checksums were made of.
    public var warnings: [String] {
        guard case .torch(let checkpoint, _) = content else { return [] }
        let parts = checkpoint.mismatchedParts
        guard let first = parts.first else { return [] }
        return [
            "\(Shown.text(file.name)): the checksum of \(Shown.start(first))"
                + (parts.count > 1 ? " and \(parts.count - 1) other parts" : "")
                + " is wrong: the file was changed after it was written, or it is damaged "
                + "(PyTorch does not look at checksums)"
        ]
    }

    // MARK: Reading

    private static func checkpoint(_ file: MappedFile) throws -> TorchCheckpoint {
        do {
            return try TorchCheckpoint(file)
        } catch FormatFault.torch(_, _, .other(let kind)) {
            throw kind.refusalAsWeights(file: Shown.text(file.name))
        } catch FormatFault.torch(_, _, .notCheckpoint(let start)) {
            if let kind = FileKind(file) {
                throw kind.refusalAsWeights(file: Shown.text(file.name))
            }
            let isShard = file.name.contains(".data-") && file.name.contains("-of-")
            throw StageFault(
                .badData,
                "\(Shown.text(file.name)) holds no weights: it "
                    + (start.isEmpty
                        ? "is empty"
                        : "starts with the bytes "
                            + start.map(String.init).joined(separator: " ")),
                remedy: isShard
                    ? FileKind.tensorFlowIndex.conversion
                    : "name a PyTorch checkpoint (.pth, .pt) or a safetensors file")
        }
    }

    private static func read(_ name: String, of file: SafeTensors) throws -> Tensor {
        guard let entry = file[name], entry.dtype.isFloat else {
            throw file.fault(.missing(tensor: name, present: file.entries.map(\.name)))
        }
        let bytes = file.bytes(of: entry)
        if entry.dtype == .f32, UInt(bitPattern: bytes.baseAddress) % 4 == 0 {
            return Tensor(mapping: bytes, shape: entry.shape, owner: file.file)
        }
        var tensor = Tensor(shape: entry.shape)
        tensor.withMutableFloats { entry.dtype.widen(bytes, into: $0) }
        return tensor
    }

    private static func read(
        _ entry: TorchCheckpoint.Entry, of file: TorchCheckpoint
    ) throws -> Tensor {
        let found = try file.tensor(entry)
        if let bytes = file.mapped(found) {
            return Tensor(mapping: bytes, shape: found.shape, owner: file.file)
        }
        var tensor = Tensor(shape: found.shape)
        try tensor.withMutableFloats { try file.read(found, into: $0) }
        return tensor
    }

    /// The index of an element in order: [1, 0, 3].
    private static func index(of place: Int, in shape: [Int]) -> [Int] {
        var (index, rest): ([Int], Int) = ([], place)
        for size in shape.reversed() {
            index.append(rest % size)
            rest /= size
        }
        return index.reversed()
    }

    // MARK: Words

    private static func notes(
        _ choice: WeightChoice, _ alsoFitting: [WeightDictionary], _ architecture: Architecture,
        in file: String
    ) -> [String] {
        var notes: [String] = []
        if let other = alsoFitting.first {
            notes.append(
                "\(file): the weights are those of \(choice.dictionary.title); \(other.title) "
                    + (alsoFitting.count > 1 ? "and \(alsoFitting.count - 1) others fit" : "fits")
                    + " too")
        }
        let used = Set(architecture.parameters.compactMap { choice.items[$0.name] })
        let left = choice.dictionary.items.indices.filter { index in
            !used.contains(index)
                && !architecture.layers.contains { layer in
                    layer.ignoredNames.contains {
                        choice.dictionary.items[index].name.hasSuffix($0)
                    }
                }
        }
        if let first = left.first {
            notes.append(
                "\(file): "
                    + (left.count == 1
                        ? "a tensor beside the weights is passed over, "
                        : "\(left.count) tensors beside the weights are passed over, such as ")
                    + Shown.start(choice.dictionary.items[first].name))
        }
        return notes
    }

    /// Which tensor was taken for which parameter, a line each.
    private static func table(
        _ matched: [String: String], _ architecture: Architecture, in file: String
    ) -> [String] {
        guard !matched.isEmpty else { return [] }
        return [
            "\(file): its names are not those of \(architecture.name); taken by order and shape:"
        ]
            + architecture.parameters.map { parameter in
                "  \(Shown.start(matched[parameter.name] ?? "")) is \(parameter.name) "
                    + "\(parameter.shape)"
            }
    }

    /// The refusal of a file in which no dictionary fits.
    private static func fault(
        _ mismatch: WeightMismatch, _ dictionaries: [WeightDictionary], in file: String
    ) -> StageFault {
        let floats = dictionaries.map { $0.items.count(where: \.isFloat) }.max() ?? 0
        let other = Architecture.all.first { architecture in
            floats >= architecture.parameters.count
                && (try? WeightNames.choose(among: dictionaries, for: architecture, file: file))
                    != nil
        }
        let full = dictionaries.filter { !$0.items.isEmpty }
        let listed = full.prefix(8).map { dictionary in
            let names = dictionary.items.prefix(3).map { Shown.start($0.name) }
            return (dictionary.items.count == 1 ? "1 tensor" : "\(dictionary.items.count) tensors")
                + (dictionary.path.isEmpty ? "" : " in \(dictionary.title)") + " ("
                + names.joined(separator: ", ") + (dictionary.items.count > 3 ? ", …)" : ")")
        }
        let holds =
            full.isEmpty
            ? "It holds no tensors"
            : "It holds " + listed.joined(separator: "; ")
                + (full.count > 8 ? "; and \(full.count - 8) dictionaries more" : "")
        return StageFault(
            .badData, "\(file): \(mismatch.words) \(holds)",
            remedy: other.map { "they are those of \($0.name): name that as the network" }
                ?? WeightNames.rule)
    }
}

extension WeightDictionary {
    /// The tensors of a safetensors file.
    init(_ file: SafeTensors) {
        path = []
        items =
            file.entries.map {
                Item(
                    name: $0.name, shape: $0.shape, type: $0.dtype.rawValue,
                    isFloat: $0.dtype.isFloat)
            }
            + file.foreign.map {
                Item(name: $0.name, shape: $0.shape, type: $0.type, isFloat: false)
            }
    }

    /// The tensors of a dictionary of a checkpoint.
    init(_ dictionary: TorchCheckpoint.Dictionary) {
        path = dictionary.path
        items = dictionary.tensors.map {
            Item(
                name: $0.name, shape: $0.shape, type: $0.type, isFloat: $0.dtype?.isFloat ?? false)
        }
    }
}
