// Adversarial images made for one network, judged on others.

/// What a node of the stage `transfer` found.
public struct TransferResult: Sendable {
    /// The stem of its node.
    public var name: String
    /// The networks that judged, by the stems of their nodes.
    public var models: [String]
    /// How many of the untouched images each of them reads correctly.
    public var clean: [Int]
    /// How many images there are.
    public var images: Int
    /// One entry an attack.
    public var rows: [Row]

    /// The images of one attack.
    public struct Row: Sendable {
        /// The stem of its node, its method, and the stem of the network that it attacked.
        public var name: String, method: String, source: String
        /// Its budgets; a single nil without one.
        public var epsilons: [Double?]
        /// One entry a budget.
        public var levels: [Level]

        /// A row from its parts.
        public init(
            name: String, method: String, source: String, epsilons: [Double?], levels: [Level]
        ) {
            (self.name, self.method, self.source) = (name, method, source)
            (self.epsilons, self.levels) = (epsilons, levels)
        }
    }

    /// The images of one attack at one budget. The lists have one entry a network.
    public struct Level: Sendable {
        /// How many images fooled the network that they were made for.
        public var successes: Int
        /// How many of these each network misreads.
        public var wrong: [Int]
        /// How many of these it read correctly before, and how many of those it misreads now.
        public var before: [Int], fooled: [Int]
        /// How many of all images it reads correctly, where an image that the attack could not turn
        /// is the untouched original.
        public var right: [Int]

        /// A level from its counts.
        public init(
            successes: Int, wrong: [Int], before: [Int], fooled: [Int], right: [Int]
        ) {
            (self.successes, self.wrong) = (successes, wrong)
            (self.before, self.fooled, self.right) = (before, fooled, right)
        }
    }

    /// A result from its parts.
    public init(
        name: String, models: [String], clean: [Int], images: Int, rows: [Row]
    ) {
        (self.name, self.models, self.clean) = (name, models, clean)
        (self.images, self.rows) = (images, rows)
    }
}
