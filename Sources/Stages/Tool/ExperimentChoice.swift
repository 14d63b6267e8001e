// Which experiment is meant where none is named: `make attack-cw-l0` works although the main experiment
// has no such node, since another has.

import Artifacts
import Formats
import StageKit

/// The experiment that a call is about.
struct ExperimentChoice {
    let name: String

    /// The one that is named; else the first that has all the nodes that are asked for: the main one, then
    /// the others by name.
    /// - Throws: `StageFault` with exit code 64 for a node that no experiment has, and when an experiment
    ///   is named that lacks one; what `Experiment` throws.
    init(
        _ named: String?, for goals: [String], isGoal: Bool, artifacts: String,
        commands: [String] = []
    ) throws {
        let nodes = goals.map(PictureExport.node)
        let main = named ?? Node.mainExperiment
        let own = try Experiment(main)
        if named != nil, own.configs.isEmpty { throw Pipeline.nothing(in: main) }
        guard let missing = nodes.first(where: { own.configs[$0] == nil }) else {
            name = main
            return
        }
        // An experiment that is not well must not keep another's goals from being found.
        var (others, faults): ([Experiment], [String]) = ([], [])
        for name in try Experiment.all() where name != main {
            do {
                others.append(try Experiment(name))
            } catch {
                faults.append("\(NodeFinder.folder)/\(name)/ could not be read: \(error)")
            }
        }
        if named == nil,
            let fitting = others.first(where: { other in
                nodes.allSatisfy { other.configs[$0] != nil }
            })
        {
            name = fitting.name
            return
        }
        let holders = others.filter { $0.configs[missing] != nil }.map(\.name)
        let asked = nodes.firstIndex(of: missing).map { goals[$0] } ?? missing
        let goal = isGoal ? asked : "config NODE=\(missing)"
        let what = "\(main) has no node \(Shown.text(missing))"
        if let holder = holders.first, named != nil, NodeFinder.isName(missing) {
            throw StageFault(
                .usage, what,
                remedy: holders.joined(separator: ", ") + (holders.count == 1 ? " has" : " have")
                    + " it: `\(Node.command(goal, experiment: holder, artifacts: artifacts))`")
        }
        if let holder = holders.first {
            throw StageFault(
                .usage, "no experiment has all of \(nodes.joined(separator: ", "))",
                remedy: "\(missing) is in \(holder): ask for it by itself")
        }
        let all = own.nodes + others.flatMap(\.nodes)
        if isGoal, asked != missing {
            let stem = missing.dropFirst("attack-".count)
            func attacks(of nodes: [String]) -> [String] {
                nodes.filter { $0.hasPrefix("attack-") }.map {
                    String($0.dropFirst("attack-".count))
                }
            }
            let mine = attacks(of: own.nodes)
            throw StageFault(
                .usage, "there is no attack \(Shown.text(String(stem))) to export",
                remedy: Spelling.nearest(to: String(stem), among: attacks(of: all)).map {
                    "did you mean export-\($0)?"
                } ?? "\(main) has \(mine.isEmpty ? "none" : mine.sorted().joined(separator: " "))")
        }
        let known = Set(all + (isGoal ? try Experiment.all() + commands : [])).sorted()
        let unread = faults.map { "; " + $0 }.joined()
        throw StageFault(
            .usage,
            (isGoal ? "there is no goal \(Shown.text(missing)), nor a node of that name" : what)
                + unread,
            remedy: Spelling.nearest(to: missing, among: known).map { "did you mean \($0)?" }
                ?? "`make help` lists all")
    }
}
