// What there is to show, told from the inputs' roles: the stage announces them, in the order of the page.

import StageWork

/// What an input of a report is: the words before the node or file that it comes from.
package enum ReportRole: String, CaseIterable {
    case curve = "learning curve of "
    case weights = "weights of "
    case sample = "sample of "
    case prediction = "prediction of "
    case attack = "result of "
    case transfer = "transfer of "
    case paper = "table "

    /// The role of what a node made, or of a file.
    package func of(_ origin: String) -> String { rawValue + origin }

    /// The node or file of a role of this kind; nil for other roles.
    fileprivate func origin(_ role: String) -> String? {
        role.hasPrefix(rawValue) ? String(role.dropFirst(rawValue.count)) : nil
    }

    private static let splitSuffix = " images"

    /// The role of a part of the data set.
    package static func split(_ name: String) -> String { name + splitSuffix }

    fileprivate static func split(of role: String) -> String? {
        role.hasSuffix(splitSuffix) && allCases.allSatisfy { $0.origin(role) == nil }
            ? String(role.dropLast(splitSuffix.count)) : nil
    }
}

/// What there is to read: nodes by kind, empty where the experiment has none.
struct ReportContents {
    var experiment: String
    /// The parts of the data set, the first to be shown in pictures.
    var splits: [String] = []
    /// The nodes that trained or fetched networks; the first is shown in full.
    var networks: [String] = []
    /// The nodes whose weights the page may take along, and the artifact of each.
    var weights: [(node: String, artifact: String)] = []
    /// Nodes, and the artifact that each made.
    var samples: [(node: String, artifact: String)] = []
    var predictions: [String] = []
    var attacks: [String] = []
    var transfers: [String] = []
    /// Files of published tables.
    var papers: [String] = []

    init(experiment: String) { self.experiment = experiment }

    /// The contents of a page with these inputs.
    init(_ inputs: [RunInput], experiment: String) {
        self.init(experiment: experiment)
        func origins(_ role: ReportRole) -> [String] { inputs.compactMap { role.origin($0.role) } }
        splits = inputs.compactMap { ReportRole.split(of: $0.role) }
        networks = origins(.curve)
        func artifacts(_ role: ReportRole) -> [(node: String, artifact: String)] {
            inputs.compactMap { input in role.origin(input.role).map { ($0, input.name) } }
        }
        (weights, samples) = (artifacts(.weights), artifacts(.sample))
        (predictions, attacks) = (origins(.prediction), origins(.attack))
        (transfers, papers) = (origins(.transfer), origins(.paper))
    }
}
