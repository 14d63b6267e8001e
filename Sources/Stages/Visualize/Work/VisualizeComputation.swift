// Writes the report of an experiment as one HTML file, and its picture grids as PNG.

import AttackCards
import Digests
import Formats
import Report
import StageWork

/// Reads the roles of `ReportRole`, writes the page and whatever grids there turn out to be.
package enum VisualizeComputation: StageComputation {
    /// The digest of the sources and of the cards, whose words are in the page.
    package static let codeDigest = Digest(of: "\(CodeDigest.value)\n\(AttackCards.texts)").hex

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let reader = StudyReader(
            contents: ReportContents(work.inputs, experiment: work.experiment),
            layout: try layout(config), open: work.open, record: { try work.record(of: $0) })
        var study = try reader.study()
        study.isMain = work.isMainExperiment
        study.published = try published(config)
        let report = study.rendered()
        try work.create(work.output(endingIn: ".html")).write(report.html)
        let folder = try work.output(endingIn: "/")
        for grid in report.grids {
            let name = "\(folder)\(grid.name).png"
            try work.create(name).write(grid.bitmap.file(named: name))
        }
        return [
            "bytes": .integer(Int64(report.html.utf8.count)),
            "figures": .integer(Int64(report.figures)), "tables": .integer(Int64(report.tables)),
            "attacks": .integer(Int64(study.attacks.count)),
            "grids": .integer(Int64(report.grids.count)),
        ]
    }

    /// How much is shown.
    private static func layout(_ config: any ResolvedConfig) throws -> ReportLayout {
        var layout = ReportLayout()
        layout.gallery = try config.integer("gallery")
        layout.examples = try config.integer("examples")
        layout.failures = try config.integer("failures")
        return layout
    }

    /// The published table of the config; nil if it has none.
    static func published(
        _ config: any ResolvedConfig
    ) throws -> PublishedNoise? {
        let names = try config.texts("published_attacks")
        let columns = try ["published_mean", "published_max", "published_min"].map(config.numbers)
        let lengths = [names.count] + columns.map(\.count)
        guard Set(lengths).count == 1 else {
            throw VisualizeFault.raggedTable(file: config.file, lengths: lengths)
        }
        guard !names.isEmpty else { return nil }
        let rows = names.enumerated().map { row, name in
            let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
            return PublishedNoise.Row(
                attack: parts.first ?? name, epsilon: parts.count > 1 ? Double(parts[1]) : nil,
                noise: Noise(mean: columns[0][row], max: columns[1][row], min: columns[2][row]))
        }
        let source = try config.text("published_source")
        return PublishedNoise(source: source.isEmpty ? "others" : source, rows: rows)
    }
}

extension Bitmap {
    /// The picture as a PNG file, written by libpng without filters and compression: the store names
    /// it by its hash, which should not follow from the version of zlib.
    func file(named name: String) throws -> [UInt8] {
        let bytes = pixels.flatMap { [$0.red, $0.green, $0.blue] }
        return try PNG(width: width, height: height, channels: .rgb, pixels: bytes).stored(
            named: name)
    }
}
