import Foundation
import PackagePlugin

/// Gives a module of `Sources/Stages/<Name>/Work/` the digest of every source that it is built from.
///
/// The closure comes from the package manager's own dependency graph, so code that a stage computes
/// with cannot be left out by mistake. Which of the files below those modules count, and what of the
/// manifest does, `code-digest` decides. Paths are taken relative to the package: two checkouts of the
/// same sources agree.
@main
struct CodeDigest: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let root = context.package.directoryURL
        let package = Set(context.package.targets.map(\.id))
        let modules =
            [target] + target.recursiveTargetDependencies.filter { package.contains($0.id) }
        let manifest = root.appending(path: "Package.swift").path
        let files = modules.flatMap { Self.files(below: $0.directoryURL) }.map(\.path)
        let sources = Set([manifest] + files).sorted()
        let output = context.pluginWorkDirectoryURL.appending(path: "CodeDigest.swift")
        return [
            .buildCommand(
                displayName: "Digest of the sources of \(target.name)",
                executable: try context.tool(named: "code-digest").url,
                arguments: [root.path, output.path] + sources,
                inputFiles: sources.map { URL(fileURLWithPath: $0) },
                outputFiles: [output])
        ]
    }

    private static func files(below folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: [.isRegularFileKey],
            options: [.skipsHiddenFiles])
        return (found?.compactMap { $0 as? URL } ?? []).filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }
    }
}
