// A table of a paper beside our own figures. The paper's figures and every difference in setting
// come from a file; ours are looked up in the study by node and figure.

/// A published table, and where our figures for it are.
public struct PaperTable: Sendable {
    /// What the table is about, and where it was published.
    public var title: String, source: String
    /// What was done, in a few sentences.
    public var text: String
    /// The columns after the first.
    public var columns: [Column]
    /// The rows, each with as many cells as there are columns.
    public var rows: [Row]
    /// How our settings differ from the paper's, a sentence each.
    public var differences: [String]

    /// A column of the paper; on the page ours stands beside it.
    public struct Column: Sendable {
        /// Its heading.
        public var title: String
        /// How its figures are written.
        public var format: Format

        /// A column from its parts.
        public init(title: String, format: Format) {
            (self.title, self.format) = (title, format)
        }
    }

    /// How figures are written.
    public enum Format: String, Sendable, CaseIterable {
        /// A share of one as a percentage: `7.4 %`.
        case percent
        /// A number with three significant digits.
        case number
        /// A count, in groups of three.
        case whole
        /// Four decimals, as for the mean of noise.
        case fine
    }

    /// A row: a figure of the paper and one of ours in each column.
    public struct Row: Sendable {
        /// Its heading.
        public var title: String
        /// A cell for each of the columns.
        public var cells: [Cell]

        /// A row from its parts.
        public init(title: String, cells: [Cell]) {
            (self.title, self.cells) = (title, cells)
        }
    }

    /// A figure of the paper and where to find ours; either may be missing.
    public struct Cell: Sendable {
        /// The figure that the paper prints, in the unit of `format`.
        public var published: Double?
        /// Which figure of ours it is set beside.
        public var ours: Reference?

        /// A cell from its parts.
        public init(published: Double?, ours: Reference?) {
            (self.published, self.ours) = (published, ours)
        }
    }

    /// Names a figure of ours: which node made it, and which of its figures it is.
    public struct Reference: Sendable, Equatable {
        /// The node, such as `attack-lbfgs-fc100`.
        public var node: String
        /// The figure, one of `figures` of its kind of node.
        public var figure: String
        /// The budget, where the node has several.
        public var epsilon: Double?
        /// For a transfer: the stem of the attack, and of the network that judges.
        public var attack: String, model: String

        /// A reference from its parts.
        public init(
            node: String, figure: String, epsilon: Double? = nil, attack: String = "",
            model: String = ""
        ) {
            (self.node, self.figure, self.epsilon) = (node, figure, epsilon)
            (self.attack, self.model) = (attack, model)
        }
    }

    /// A table from its parts.
    public init(
        title: String, source: String, text: String, columns: [Column], rows: [Row],
        differences: [String]
    ) {
        (self.title, self.source, self.text) = (title, source, text)
        (self.columns, self.rows, self.differences) = (columns, rows, differences)
    }

    /// The figures of each kind of node, by the beginning of the node's name.
    public static let figures: [String: [String]] = [
        "train": ["test_error", "test_accuracy"],
        "attack": [
            "success", "error", "accuracy", "confidence", "mean_l0", "mean_l1", "mean_l2",
            "mean_linf", "median_l2", "changed_share", "distortion", "rho", "rho_at_90",
            "each_success",
            "each_best", "each_mean", "each_worst", "noise_mean", "noise_max", "noise_min",
            "passes",
        ],
        "transfer": ["misread", "fooled"],
    ]
}

extension Study {
    /// Our figure; nil where the study has none.
    func figure(_ reference: PaperTable.Reference) -> Double? {
        let kind = reference.node.prefix { $0 != "-" }
        let stem = String(reference.node.drop { $0 != "-" }.dropFirst())
        switch kind {
        case "train":
            let test = networks.first { $0.name == stem }?.facts.test
            let accuracy = test?.accuracy
            return reference.figure == "test_error" ? accuracy.map { 1 - $0 } : accuracy
        case "attack":
            return attacks.first { $0.name == stem }?.figure(
                reference.figure, at: reference.epsilon)
        case "transfer":
            return transfers.first { $0.name == stem }?.figure(reference)
        default: return nil
        }
    }
}

extension TransferResult {
    fileprivate func figure(_ reference: PaperTable.Reference) -> Double? {
        guard let row = rows.first(where: { $0.name == reference.attack }),
            let column = models.firstIndex(of: reference.model)
        else { return nil }
        let number =
            reference.epsilon.map { row.epsilons.firstIndex(of: $0) }
            ?? (row.levels.count == 1 ? 0 : nil)
        guard let number else { return nil }
        let level = row.levels[number]
        return reference.figure == "misread"
            ? Statistics.share(level.wrong[column], of: level.successes)
            : Statistics.share(level.fooled[column], of: level.before[column])
    }
}

extension AttackRun {
    /// A figure by name, at a budget; the only level, or else the featured one, without.
    fileprivate func figure(_ name: String, at epsilon: Double?) -> Double? {
        if name == "rho_at_90" {
            let level = levels.first { (successRate(at: $0) ?? 0) >= 0.9 }
            return level.flatMap { relativeLength(at: $0) }
        }
        guard
            let number = epsilon.map({ epsilon in
                levels.firstIndex { $0.epsilon == epsilon }
            }) ?? (levels.count == 1 ? 0 : nil)
        else { return nil }
        let level = levels[number]
        let pixels = Double(originals.shape.dropFirst().reduce(1, *))
        func mean(_ measure: (Outcome) -> Float) -> Double? {
            Statistics.mean(measures(at: level, measure))
        }
        switch name {
        case "success": return successRate(at: level)
        case "accuracy": return robustAccuracy(at: level)
        case "error": return robustAccuracy(at: level).map { 1 - $0 }
        case "confidence": return mean(\.confidence)
        case "mean_l0": return mean(\.l0)
        case "mean_l1": return mean(\.l1)
        case "mean_l2": return mean(\.l2)
        case "mean_linf": return mean(\.linf)
        case "median_l2": return Statistics.quantile(0.5, of: measures(at: level, \.l2))
        case "changed_share": return changedShare(at: level)
        case "distortion": return mean(\.l2).map { $0 / pixels.squareRoot() }
        case "rho": return relativeLength(at: level)
        case "each_success":
            return targetCases(at: number).flatMap { Statistics.share($0.reached, of: $0.pairs) }
        case "each_best": return targetCases(at: number)?.best
        case "each_mean": return targetCases(at: number)?.mean
        case "each_worst": return targetCases(at: number)?.worst
        case "noise_mean": return (level.rawNoise ?? level.noise)?.mean
        case "noise_max": return (level.rawNoise ?? level.noise)?.max
        case "noise_min": return (level.rawNoise ?? level.noise)?.min
        case "passes": return passes(at: level)
        default: return nil
        }
    }

    /// The mean over successes of the perturbation's L2 length, as a share of the image's own.
    func relativeLength(at level: Level) -> Double? {
        let size = originals.shape.dropFirst().reduce(1, *)
        let ratios = originals.withFloats { pixels in
            successes(at: level).compactMap { position -> Double? in
                let image = pixels[position * size..<(position + 1) * size]
                let square = image.reduce(0) { $0 + Double($1) * Double($1) }
                guard square > 0 else { return nil }
                return Double(level.outcomes[position].l2) / square.squareRoot()
            }
        }
        return Statistics.mean(ratios)
    }
}
