// `make config`: the config of a node as its stage reads it, and where each key stands.

import Artifacts
import Formats

extension Stage {
    /// A node's config, checked, as lines of a config file: each key with a comment that says which file
    /// it is from, `SET`, or that it is the default. Copied into a file they are the same config again.
    /// - Throws: what `NodeConfig.read` throws; `ConfigFault`; `StageFault` for a value of `SET` that
    ///   the node does not take.
    public static func listing(
        of source: NodeConfig, overrides: Overrides
    ) throws -> [String] {
        let (json, origins) = try source.read()
        let flags = try SettingFlags(set: overrides.values(of: source.node), of: source.node)
            .limited(to: json)
        let config = try config(source, with: flags)
        let set = Set(flags.texts.keys)
        let members = (config.json.object ?? [:]).sorted { $0.key < $1.key }
        let lines = members.enumerated().map { index, member in
            let (key, value) = member
            let end = index == members.count - 1 ? "" : ","
            return (
                text: "  \(JSON.string(key).canonical): \(Shown.text(value.canonical))\(end)",
                origin: set.contains(key) ? "SET" : origins[key] ?? "default"
            )
        }
        let width = min(60, lines.map(\.text.count).max() ?? 0)
        return ["{"]
            + lines.map { text, origin in
                let space = String(repeating: " ", count: max(0, width - text.count))
                return "\(text)\(space)  // \(origin)"
            } + ["}"]
    }

    /// The values of `SET` for a node, checked, as a config file has them.
    /// - Throws: as `listing`.
    public static func given(
        for source: NodeConfig, overrides: Overrides
    ) throws -> [String: JSON] {
        let json = try source.read().json
        let flags = try SettingFlags(set: overrides.values(of: source.node), of: source.node)
            .limited(to: json)
        let config = try config(source, with: flags)
        let keys = try flags.matched(with: schema(flags.applied(to: json))).keys
        return (config.json.object ?? [:]).filter { keys.contains($0.key) }
    }
}
