// Two experiments set beside each other: reads what both sides attacked, and writes the page.

import AttackCards
import Digests
import Formats
import Report
import StageWork

/// Reads the roles of `CompareRole` and writes the page; the summary has every figure of it that the gate looks at.
package enum CompareComputation: StageComputation {
    /// The digest of the sources and of the cards, whose words may be in the page.
    package static let codeDigest = Digest(of: "\(CodeDigest.value)\n\(AttackCards.texts)").hex

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let a = try SideReader("A", title: ComparedSide.title(config.text("a")), work).side()
        let b = try SideReader("B", title: ComparedSide.title(config.text("b")), work).side()
        guard !Set(a.datasets).isDisjoint(with: b.datasets) else {
            throw CompareFault.otherData(a: a.datasets, b: b.datasets)
        }
        var study = PairedStudy(a, b)
        study.gate = config.isSet("gate") ? try config.number("gate") : nil
        study.isPartial = try config.flag("partial")
        study.pictures = try config.integer("pictures")
        guard !study.figures.isEmpty else {
            throw CompareFault.nothingShared(study.obstacles, leftOut: study.leftOut)
        }
        let page = study.rendered()
        try work.create(work.output(endingIn: ".html")).write(page.html)
        return summary(study, bytes: page.html.utf8.count)
    }

    private static func summary(_ study: PairedStudy, bytes: Int) -> JSON {
        [
            "bytes": .integer(Int64(bytes)), "identical": .bool(study.isIdentical),
            "images": .integer(Int64(study.images)),
            "left_out": .integer(Int64(study.leftOut)),
            "gate": study.gate.map { .number($0) } ?? .null,
            "gate_words": study.gateWords.map { .string($0) } ?? .null,
            "failures": .array(study.gateFailures.map { .string($0) }),
            "not_compared": .array(study.obstacles.map { .string($0) }),
            "uneven": .array(study.uneven.map { .string($0) }),
            "rows": .array(study.figures.map(row)),
        ]
    }

    private static func row(_ figure: PairedFigure) -> JSON {
        let shares = figure.shares
        let (low, high) = shares.interval
        func whole(_ value: Int) -> JSON { .integer(Int64(value)) }
        return [
            "norm": .string(figure.norm), "model_a": .string(figure.modelA),
            "model_b": .string(figure.modelB),
            "attacks": .string(figure.isOfShared ? "shared" : "all"),
            "epsilon": .number(figure.epsilon), "images": whole(shares.images),
            "a": whole(shares.a), "b": whole(shares.b), "only_a": whole(shares.onlyA),
            "only_b": whole(shares.onlyB), "difference": .number(shares.difference),
            "low": .number(low), "high": .number(high), "p": .number(shares.probability),
        ]
    }
}
