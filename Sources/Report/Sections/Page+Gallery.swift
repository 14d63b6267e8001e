// All images on one sheet, to be filtered, sorted and opened. The section is words and data; the sheet is
// drawn by the gallery's scripts when it comes near, and without them the parts of the attacks remain.

import Formats

extension Page {
    /// The sheet and its data; nil where there is nothing to lay out.
    var gallery: Markup? {
        guard let all = Gallery(study.attacks) else { return nil }
        let room = study.layout.sheet
        // Columns and originals may take a half each; if they take less, other pictures get the rest.
        let originals = GalleryPictures(all, within: room / 2)
        var shown = all.first(originals.count)
        var columns = GalleryColumns(shown, classes: study.classes.count)
        var packed = Deflate.zlib(columns.bytes)
        if packed.count / 3 * 4 > room / 2 {
            shown = all.first(max(1, shown.count * (room / 2) / (packed.count / 3 * 4)))
            columns = GalleryColumns(shown, classes: study.classes.count)
            packed = Deflate.zlib(columns.bytes)
        }
        var pictures = GalleryPictures(shown, within: room / 2)
        pictures.fill(upTo: room - packed.count / 3 * 4, headline: example?.attack.name)
        return group {
            paragraph { words(on: shown, pictures) }
            tag("noscript") {
                paragraph {
                    "The sheet is drawn by a script, and scripts are switched off here. Pictures of every "
                    "attack stand in its own part below."
                }
            }
            tag("div", ["class": "wide all-images", "id": "all-images"])
            Markup.data(
                "mirage-sheet", contents(of: shown, columns, pictures))
            Markup.data("mirage-sheet-columns", packed)
            Markup.data("mirage-sheet-pictures", pictures.bytes)
        }
    }

    private func words(on gallery: Gallery, _ pictures: GalleryPictures) -> String {
        let all = gallery.source.samples.count
        let left = study.attacks.filter { attack in
            !gallery.entries.contains { $0.attack.name == attack.name }
        }.map { AttackText($0).short }
        let which =
            gallery.count < all
            ? "The first \(Numerals.count(gallery.count, "image")) of the \(Numerals.whole(all)) of the sample "
                + "that the attacks share most"
            : "All \(Numerals.count(gallery.count, "image")) of the sample that the attacks share most"
        return which
            + ", on one sheet: choose an attack and a strength, and see which images it turned, into what, and "
            + "how far they had to move."
            + (left.isEmpty ? "" : " \(Wording.list(left)) saw none of these images.")
    }

    private func contents(
        of gallery: Gallery, _ columns: GalleryColumns, _ pictures: GalleryPictures
    ) -> JSON {
        let first = gallery.entries.firstIndex { $0.attack.name == example?.attack.name } ?? 0
        return [
            "first": .integer(Int64(first)),
            "images": .integer(Int64(gallery.count)),
            "shape": .array(
                gallery.source.originals.shape.dropFirst().map { .integer(Int64($0)) }),
            "classes": .array(study.classes.map { .string($0) }),
            "experiment": .string(study.experiment),
            "isWide": .bool(columns.isWide), "isExact": .bool(pictures.isExact),
            "perStream": .integer(Int64(GalleryPictures.perStream)),
            "originals": .array(pictures.originals.map { .integer(Int64($0)) }),
            "networks": .array(columns.networks.map { .string($0) }),
            "attacks": .array(
                gallery.entries.enumerated().map { number, entry in
                    description(of: entry.attack, columns, pictures.levels[number])
                }),
        ]
    }

    private func description(
        of attack: AttackRun, _ columns: GalleryColumns,
        _ pictures: [(start: Int, lengths: [Int])]
    ) -> JSON {
        [
            "name": .string(attack.name), "short": .string(AttackText(attack).short),
            "method": .string(attack.method), "norm": .string(Wording.norm(attack.norm)),
            "network": .integer(Int64(columns.networks.firstIndex(of: attack.model) ?? 0)),
            "isTargeted": .bool(attack.isTargeted),
            "sha256": study.artifact(of: attack).map { .string($0.digest) } ?? .null,
            "featured": .integer(Int64(attack.featuredNumber)),
            "levels": .array(
                zip(attack.levels, pictures).map { level, pictures in
                    [
                        "epsilon": level.epsilon.map { .number($0) } ?? .null,
                        "label": level.epsilon.map { .string(Numerals.epsilon($0)) } ?? .null,
                        "start": .integer(Int64(pictures.start)),
                        "streams": .array(pictures.lengths.map { .integer(Int64($0)) }),
                    ]
                }),
        ]
    }
}
