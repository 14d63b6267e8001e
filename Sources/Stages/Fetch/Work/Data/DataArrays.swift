// Arrays of images and labels out of the files of each layout.

import Datasets
import Formats
import StageWork

/// The parts of data that lie in arrays.
struct DataArrays {
    /// The images of each part that is taken in.
    private(set) var parts: [DataPart: RawImages] = [:]
    /// The names of the classes, where the files say them.
    private(set) var classes: [String]?
    /// The largest label of any part.
    private(set) var largest = 0
    /// What was found, a line each.
    private(set) var notes: [String] = []

    private let settings: DataSettings
    private let layout: DataLayout
    private var reader: ArrayImages

    /// Reads the files of a plan.
    /// - Throws: `StageFault`, `FormatFault`, `DatasetFault` for what is wrong with them.
    init(_ plan: DataPlan, _ settings: DataSettings, _ work: any Workspace) throws {
        (self.settings, layout) = (settings, plan.layout)
        reader = ArrayImages(settings)
        switch layout {
        case .cifar: try readCIFAR(plan, work)
        case .npz, .safetensors:
            for part in DataPart.allCases {
                let role = DataPlan.role(part, "archive")
                guard plan.files.contains(where: { $0.role == role }) else { continue }
                let file = try work.open(role)
                try withExtendedLifetime(file) {
                    try layout == .npz ? readNPZ(file, part) : readSafeTensors(file, part)
                }
            }
        default:
            for part in DataPart.allCases {
                let roles = (DataPlan.role(part, "images"), DataPlan.role(part, "labels"))
                guard plan.files.contains(where: { $0.role == roles.1 }) else { continue }
                let hasImages = plan.files.contains { $0.role == roles.0 }
                let labels = try work.open(roles.1)
                let images = hasImages ? try work.open(roles.0) : nil
                try layout == .idx
                    ? readIDX(part, images, labels)
                    : add(
                        part, images.map { try NPY($0.contents, named: $0.name) },
                        NPY(labels.contents, named: labels.name))
            }
        }
        notes += reader.notes
    }

    /// Whether the images of a part are taken in.
    private func takes(_ part: DataPart) -> Bool { part != .train || settings.hasTrain }

    // MARK: Arrays of numbers

    /// Images, where they are taken in, and labels.
    private mutating func add(_ part: DataPart, _ images: NPY?, _ labels: NPY) throws {
        let name = Shown.text(labels.name)
        guard labels.shape.count == 1 || labels.shape.count == 2 && labels.shape[1] == 1 else {
            throw StageFault(
                .badData, "\(name), the labels, has the shape \(labels.shape), expected [N]",
                remedy: labels.shape.count == 2
                    ? "save numbers of classes: numpy.save(file, labels.argmax(1))"
                    : "are images and labels swapped?")
        }
        let numbers = try labels.integers()
        try check(numbers, name)
        guard let images else { return }
        parts[part] = try reader.read(images, labels: numbers, layout: layout)
    }

    private mutating func check(_ labels: [Int], _ name: String) throws {
        guard labels.count <= ArrayLimits.images else {
            throw StageFault(
                .badData, "\(name) has \(labels.count) labels, more than \(ArrayLimits.images)")
        }
        if let index = labels.firstIndex(where: { $0 < 0 }) {
            throw StageFault(
                .badData, "\(name): label \(index) is \(labels[index]), expected a class from 0 up",
                remedy: "leave images of unknown class out")
        }
        largest = max(largest, labels.max() ?? 0)
    }

    /// The arrays of an archive by their names.
    private mutating func addNamed(
        _ names: [String], of file: String, _ outer: DataPart, _ array: (String) throws -> NPY
    ) throws {
        let shown = Shown.text(file)
        let list = names.prefix(20).map { Shown.start($0) }.joined(separator: ", ")
        var left: [String] = []
        var found: [DataPart: [ArrayName.Content: String]] = [:]
        for name in names {
            guard let said = ArrayName(name) else {
                left.append(Shown.start(name))
                continue
            }
            let part = outer == .whole ? said.part : outer
            guard found[part, default: [:]].updateValue(name, forKey: said.content) == nil else {
                throw StageFault(
                    .badData,
                    "\(shown) has two arrays of \(said.content.rawValue) of one part; it has \(list)",
                    remedy: "call them images and labels, or x_train, y_train, x_test and y_test")
            }
        }
        guard !found.isEmpty else {
            throw StageFault(
                .badData, "\(shown) has no arrays that are images and labels; it has \(list)",
                remedy: "call them images and labels, or x_train, y_train, x_test and y_test")
        }
        if let whole = found[.whole], found.count > 1 {
            func words(_ names: some Sequence<String>) -> String {
                names.sorted { $0.isBefore($1) }.map { Shown.start($0) }.joined(separator: ", ")
            }
            let split = found.filter { $0.key != .whole }.values.flatMap { $0.values }
            throw StageFault(
                .badData,
                "\(shown) has arrays of a split (\(words(split))) beside ones of none "
                    + "(\(words(whole.values))); it has \(list)",
                remedy: "take those out that do not count, or call all by their split: x_train, "
                    + "y_train, x_test and y_test")
        }
        if !left.isEmpty {
            notes.append("\(shown): passed over are \(left.prefix(12).joined(separator: ", "))")
        }
        for part in DataPart.allCases {
            guard let pair = found[part] else { continue }
            guard let images = pair[.images], let labels = pair[.labels] else {
                throw StageFault(
                    .badData,
                    "\(shown) has \(pair.values.joined(separator: ", ")) and no "
                        + (pair[.images] == nil ? "images" : "labels") + "; it has \(list)",
                    remedy: "put both into it")
            }
            try add(part, takes(part) ? array(images) : nil, array(labels))
        }
    }

    private mutating func readNPZ(_ file: MappedFile, _ part: DataPart) throws {
        let archive = try ZipArchive(file)
        let names = archive.names.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
        try addNamed(names, of: file.name, part) { name in
            try NPY(
                archive.content(name + ".npy", limit: ArrayLimits.file),
                named: "\(file.name), \(name)")
        }
    }

    private mutating func readSafeTensors(_ file: MappedFile, _ part: DataPart) throws {
        let tensors = try SafeTensors(file)
        if let text = tensors.metadata["classes"],
            let list = try? JSON.parse(text, named: file.name).array?.compactMap(\.string)
        {
            classes = list
        }
        guard tensors.metadata["schema"] != "mirage.dataset" else {
            return try readOwn(tensors, part)
        }
        try addNamed(tensors.entries.map(\.name), of: file.name, part) { name in
            guard let entry = tensors[name] else {
                throw StageFault(.software, "\(name) is not among the tensors")
            }
            return NPY(entry, of: tensors)
        }
    }

    /// A data set that this program wrote.
    private mutating func readOwn(_ file: SafeTensors, _ part: DataPart) throws {
        if let entry = file["images"], entry.shape.count == 4 {
            try ArrayImages.check(
                Array(entry.shape.dropFirst()), count: 0, file.file.name, settings)
        }
        let set = try LabelledImages(reading: file, as: "mirage.dataset")
        largest = max(largest, set.labels.max() ?? 0)
        guard takes(part) else { return }
        let indices = DataDraw.indices(
            settings.limit(for: layout), of: set.count, seed: settings.seed)
        if indices.count < set.count {
            notes.append(
                "\(Shown.text(file.file.name)): \(indices.count) of \(set.count) images are taken, drawn "
                    + "by the seed")
        }
        try ArrayImages.check(set.imageShape, count: indices.count, file.file.name, settings)
        let drawn = set.images.gather(indices)
        if let index = drawn.values.firstIndex(where: { !(0...1).contains($0) }) {
            throw StageFault(
                .badData,
                "\(Shown.text(file.file.name)): element \(index) of the images is "
                    + "\(drawn.values[index]), expected 0…1")
        }
        parts[part] = RawImages(
            shape: set.imageShape, values: .floats(drawn.values),
            labels: indices.map { set.labels[$0] },
            names: set.names.isEmpty ? [] : indices.map { set.names[$0] })
    }

    // MARK: Bytes

    private mutating func readIDX(
        _ part: DataPart, _ images: MappedFile?, _ labels: MappedFile
    ) throws {
        let numbers = try IDX(Self.inflated(labels), as: .labels, named: labels.name)
            .withElements { $0.map { Int($0) } }
        try check(numbers, Shown.text(labels.name))
        guard let images else { return }
        let idx = try IDX(Self.inflated(images), as: .images, named: images.name)
        parts[part] = try reader.read(
            NPY(shape: idx.shape, bytes: idx.withElements { Array($0) }, named: images.name),
            labels: numbers, layout: layout)
    }

    private static func inflated(_ file: MappedFile) throws -> [UInt8] {
        let bytes = file.contents
        guard GzipInflater.matches(bytes) else { return bytes }
        return try GzipInflater.inflate(bytes, named: file.name, limit: ArrayLimits.file)
    }

    private mutating func readCIFAR(_ plan: DataPlan, _ work: any Workspace) throws {
        let files = try CIFARFiles(plan, settings, work)
        classes = files.classes
        for part in [DataPart.test, .train] where takes(part) {
            let set = try files.records(part)
            let shape = [set.labels.count] + CIFAR.imageShape
            parts[part] = try reader.read(
                NPY(shape: shape, bytes: set.images, named: settings.path), labels: set.labels,
                layout: layout)
        }
        largest = files.kind.classes - 1
        notes.append(files.kind == .cifar10 ? "CIFAR-10" : "CIFAR-100, its fine labels")
    }
}
