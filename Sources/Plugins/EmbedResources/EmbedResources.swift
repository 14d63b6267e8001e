import Foundation
import PackagePlugin

/// Puts the files of a module's folder `Resources` into the module, as texts: literals of text compile in no
/// time, where the package manager's own way, a literal a byte, takes minutes.
@main
struct EmbedResources: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folder = target.directoryURL.appending(path: "Resources")
        let files = try FileManager.default
            .contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles]
            )
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedResources.swift")
        return [
            .buildCommand(
                displayName: "Resources of \(target.name)",
                executable: try context.tool(named: "embed-texts").url,
                arguments: [output.path, "embeddedResources"] + files.map(\.path),
                inputFiles: files, outputFiles: [output])
        ]
    }
}
