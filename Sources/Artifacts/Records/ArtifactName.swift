// The names that people see below `artifacts/`. A name with a folder is a link to an object; a name
// without one (the report) is a real file, so that it can be sent and opened anywhere.

/// Rules for artifact names.
public enum ArtifactName {
    /// Whether a name stays below the store's folder and out of the store's own folders.
    public static func isSound(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, !["objects", "records"].contains(first) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".") && part.utf8.count <= 255
                && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        }
    }

    /// Whether a name is among those that a stage announces; one of these that ends in "/" stands for
    /// any below it.
    public static func isAnnounced(_ name: String, by outputs: [String]) -> Bool {
        isSound(name) && outputs.contains { $0 == name || $0.hasSuffix("/") && name.hasPrefix($0) }
    }

    /// Whether the artifact is a file of its own instead of a link.
    public static func isRealFile(_ name: String) -> Bool { !name.contains("/") }

    /// Whether a name is one that we give to a page: `report….html`, `compare….html`.
    static func isPage(_ name: String) -> Bool {
        isRealFile(name) && name.hasSuffix(".html")
            && (name.hasPrefix("report") || name.hasPrefix("compare"))
    }

    /// The extension with its point, such as ".safetensors"; empty when there is none.
    public static func suffix(_ name: String) -> String {
        let file = name.split(separator: "/").last ?? ""
        return file.lastIndex(of: ".").map { String(file[$0...]) } ?? ""
    }
}
