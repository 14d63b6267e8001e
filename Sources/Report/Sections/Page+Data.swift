// The images that everything starts from.

extension Page {
    /// Counts, classes and a look at the images; nil if the study has no data set.
    var data: Markup? {
        guard let dataset = study.dataset else { return nil }
        let totals = dataset.splits.enumerated().map { index, split in
            (split.name, split.counts.reduce(0, +) + (index == 0 ? dataset.unlabelled : 0))
        }
        let shape = dataset.gallery.shape
        return group {
            paragraph {
                "The data set "
                strong(dataset.name)
                " has "
                Wording.list(totals.map { "\(Numerals.count($0.1, "image")) in its \($0.0) part" })
                let classes = Numerals.count(dataset.classes.count, "class", plural: "classes")
                switch dataset.unlabelled {
                case 0: ", each labelled as one of \(classes). "
                case totals.map(\.1).reduce(0, +):
                    ". Nobody has said which of the \(classes) they show. "
                default: ", most of them labelled as one of \(classes). "
                }
                if shape.count == 4 {
                    "An image has \(shape[3]) × \(shape[2]) pixels"
                    shape[1] == 1 ? " of grey" : " in \(shape[1]) colours"
                    ", stored as whole numbers from 0 to 255 and divided by 255: black is 0, white is 1."
                    if shape[1] == 3 && shape[3] >= 64 {
                        " Pictures of other sizes were made smaller or larger and cut to their middle square."
                    }
                }
            }
            gallery(dataset)
            classCounts(dataset)
        }
    }

    private func gallery(_ dataset: DatasetFacts) -> Markup {
        guard dataset.gallery.shape.count == 4, !dataset.galleryLabels.isEmpty else {
            return .nothing
        }
        let perClass = max(1, study.layout.gallery / max(dataset.classes.count, 1))
        let columns = dataset.classes.indices.map { label in
            (
                label,
                dataset.galleryLabels.indices.filter { dataset.galleryLabels[$0] == label }.prefix(
                    perClass)
            )
        }.filter { !$0.1.isEmpty }
        guard let first = columns.first?.1.first else { return .nothing }
        let model = Picture(dataset.gallery, first)
        var sheet = Sheet(
            id: "data-gallery", map: .grey, width: model.width, height: model.height,
            columns: perClass)
        var bitmaps: [[Bitmap]] = []
        let windows = columns.map { label, positions in
            let pictures = positions.map { Picture(dataset.gallery, $0) }
            bitmaps.append(pictures.map { $0.bitmap(in: .grey) })
            return (label, pictures.map { sheet.add($0) })
        }
        store("data", bitmaps)
        return group {
            sheet.definition
            figure(
                "wide",
                tag("div", ["class": "gallery"]) {
                    for (label, windows) in windows {
                        tag(
                            "div",
                            [
                                "class": "strip", "role": "img",
                                "aria-label":
                                    "\(Numerals.count(windows.count, "example")) of class \(study.name(of: label))",
                            ]
                        ) {
                            tag("span") { study.name(of: label) }
                            windows
                        }
                    }
                }
            ) {
                "The first \(Numerals.whole(perClass)) training images of each class, as they come."
            }
        }
    }

    private func classCounts(_ dataset: DatasetFacts) -> Markup {
        guard let leading = dataset.splits.first, dataset.classes.count <= 20 else {
            return .nothing
        }
        let most = Double(max(leading.counts.max() ?? 0, 1))
        return figure(
            "",
            Bars(
                bars: dataset.classes.indices.map { label in
                    Bars.Bar(
                        label: study.name(of: label),
                        share: Double(leading.counts[label]) / most,
                        figure: dataset.splits.map { Numerals.whole($0.counts[label]) }
                            .joined(separator: " · "))
                }
            ).markup
        ) {
            "Images of each class: "
            Wording.list(dataset.splits.map(\.name))
            " part. The bars show the \(leading.name) part."
        }
    }
}
