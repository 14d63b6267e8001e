import Foundation
import PackagePlugin

/// Puts the cards of the attacks into the module that it is used by, as texts.
///
/// Every `.md` file of `Sources/Attacks/Catalogue` is one; a new one needs no list. The module that
/// the files lie in gets none of them, so that rewording a card compiles no attack anew; it uses the
/// plugin all the same, since the package manager would warn of files that nobody reads.
@main
struct EmbedCards: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "Sources/Attacks/Catalogue")
        let cards = try FileManager.default
            .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" && $0.lastPathComponent != "README.md" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let isHome = folder.path.hasPrefix(target.directoryURL.path + "/")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedCards.swift")
        return [
            .buildCommand(
                displayName: "Cards of the attacks",
                executable: try context.tool(named: "embed-texts").url,
                arguments: [output.path, "embeddedCards"] + (isHome ? [] : cards.map(\.path)),
                inputFiles: cards,
                outputFiles: [output])
        ]
    }
}
