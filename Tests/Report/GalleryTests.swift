// All images on one sheet: which they are, what is said of each, and that the pictures are the right ones.

import Formats
import Tensors
import Testing

@testable import Report

@Suite struct GalleryTests {
    private static let attacks = [SixImages.fgsm, SixImages.pgd, SixImages.deepfool]

    @Test func theImagesAreThoseOfWhichMostWasSeen() throws {
        let all = try #require(Gallery(Self.attacks))
        #expect(all.count == 6 && all.entries.count == 3)
        // Six images under one attack and four under another are ten; four under both are eight.
        let mixed = try #require(Gallery([SixImages.fgsm.onFirst(4), SixImages.pgd]))
        #expect(mixed.count == 6 && mixed.source.name == "pgd")
        #expect(mixed.entries[0].places == [0, 1, 2, 3, nil, nil])
        // Of more than a thousand the first, by their numbers.
        var many = SixImages.fgsm.repeated(200)
        many.samples.swapAt(0, 7)
        let first = try #require(Gallery([many]))
        #expect(first.count == 1000 && first.positions.first == 7)
        var empty = SixImages.fgsm
        empty.samples = []
        #expect(Gallery([]) == nil && Gallery([empty]) == nil)
    }

    @Test func anotherDataSetHasOtherImages() throws {
        var other = SixImages.pgd
        other.dataset = "another"
        let gallery = try #require(Gallery([SixImages.fgsm, other]))
        #expect(gallery.entries.map(\.attack.name) == ["fgsm"])
    }

    @Test func photographsAreNotOnTheSheet() {
        var large = SixImages.fgsm
        large.originals = Tensor(shape: [6, 3, 64, 64])
        #expect(Gallery([large]) == nil)
    }

    @Test func onlyThisAttackMeansWithAChangeAsSmall() throws {
        // Least distances: fgsm 0.1, 0.2; pgd 0.1, 0.1, 0.2; deepfool 0.05, –, 0.15, 0.3.
        let alone = try #require(Gallery(Self.attacks)).entries.map { entry in
            entry.isAlone.map { level in level.indices.filter { level[$0] } }
        }
        #expect(alone == [[[], []], [[1], []], [[0, 2, 3]]])
    }

    @Test func columnsHoldWhatBecameOfEachImage() throws {
        let gallery = try #require(Gallery(Self.attacks))
        let columns = GalleryColumns(gallery, classes: 3)
        let bytes = columns.bytes
        #expect(columns.networks == ["mlp"] && !columns.isWide)
        // Index, label, answer and confidence of six images; and seven bytes for each of five levels.
        #expect(bytes.count == 6 * (4 + 1 + 1 + 2) + 5 * 6 * 7)
        #expect(Array(bytes[..<6]) == [100, 101, 102, 103, 104, 105])
        #expect(Array(bytes[24..<36]) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 0])
        // PGD at 0.1 turns images 0 and 1, the second alone, and not when it is rounded; 5 was misread.
        let pgd = Array(bytes[(48 + 2 * 42)...])
        #expect(Array(pgd[..<6]) == [27, 29, 24, 24, 24, 16])
        #expect(Array(pgd[6..<12]) == [1, 2, 2, 0, 1, 2])
        // 97.0 %, 60.0 % for what held; 0.1 is 1000 · 10⁻⁴.
        let sure = (0..<6).map { Int(pgd[12 + $0]) | Int(pgd[18 + $0]) << 8 }
        #expect(sure == [971, 971, 601, 601, 601, 601])
        let digits = (0..<6).map { Int(pgd[24 + $0]) | Int(pgd[30 + $0]) << 8 }
        #expect(digits == [1000, 1000, 0, 0, 0, 0])
        #expect(pgd[36] == UInt8(bitPattern: -4))
    }

    @Test func manyClassesTakeTwoBytes() throws {
        var attack = SixImages.fgsm
        attack.samples[0].label = 300
        let columns = GalleryColumns(try #require(Gallery([attack])), classes: 3)
        #expect(
            columns.isWide
                && Array(columns.bytes[24..<36]) == [44, 1, 2, 0, 1, 2, 1, 0, 0, 0, 0, 0])
    }

    @Test func confidencesReadAsThePageWritesThem() {
        for step in 0...4096 {
            let confidence = Float(step) / 4096
            let code = GalleryColumns.code(of: confidence)
            let text =
                switch code {
                case 0: "0\u{202F}%"
                case 1: "<\u{202F}0.1\u{202F}%"
                case 1001: ">\u{202F}99.9\u{202F}%"
                case 1002: "100\u{202F}%"
                default: Numerals.fixed(Double(code - 1) / 10, 1) + "\u{202F}%"
                }
            #expect(text == Numerals.percent(Double(confidence)), "\(confidence)")
        }
    }

    @Test func distancesHaveFourDigits() {
        func text(_ value: Float) -> String {
            let (digits, power) = GalleryColumns.digits(of: value)
            return "\(digits)e\(power)"
        }
        #expect(text(0.1) == "1000e-4" && text(12) == "1200e-2" && text(0) == "0e0")
        #expect(text(1.23456) == "1235e-3" && text(99_999) == "1000e2" && text(784) == "7840e-1")
        #expect(text(.infinity) == "0e0" && text(.nan) == "0e0")
    }

    /// What a script unpacks is the adversarial image in 256 levels, for those that were turned.
    @Test func picturesAreTheOriginalsAndWhatWasAdded() throws {
        let gallery = try #require(Gallery(Self.attacks))
        var pictures = GalleryPictures(gallery, within: 10_000)
        pictures.fill(upTo: 20_000, headline: "pgd")
        let originals = try inflated(pictures, 0, pictures.originals)
        #expect(originals == Tiny.originals.values.map { ColourMap.byte(min(max($0, 0), 1)) })
        for (attack, entry) in gallery.entries.enumerated() {
            for (number, level) in entry.attack.levels.enumerated() {
                let (start, lengths) = pictures.levels[attack][number]
                let found = try inflated(pictures, start, lengths)
                let turned = (0..<5).filter { level.outcomes[$0].isSuccess }
                #expect(found.count == 16 * turned.count)
                for (place, image) in turned.enumerated() {
                    let after = Picture(level.images, image).values.map(ColourMap.byte)
                    let sum = (0..<16).map { originals[16 * image + $0] &+ found[16 * place + $0] }
                    #expect(sum == after)
                }
            }
        }
    }

    @Test func picturesStayWithinTheirRoom() throws {
        let gallery = try #require(Gallery([SixImages.fgsm.repeated(50)]))
        var pictures = GalleryPictures(gallery, within: 900)
        #expect(pictures.count < 300 && pictures.count.isMultiple(of: 10))
        pictures.fill(upTo: 1200, headline: nil)
        #expect(pictures.bytes.count <= 900)
        // One stream at least, however small the room.
        #expect(GalleryPictures(gallery, within: 0).count == 10)
    }

    private func inflated(_ pictures: GalleryPictures, _ start: Int, _ lengths: [Int]) throws
        -> [UInt8]
    {
        var (bytes, place) = ([UInt8](), start)
        for length in lengths {
            bytes += try unzipped(Array(pictures.bytes[place..<place + length]))
            place += length
        }
        return bytes
    }

    /// A zlib stream without its header and checksum is what zlib calls a bare one.
    private func unzipped(_ stream: [UInt8]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let inflater = try GzipInflater(named: "test", limit: 1 << 20, isBare: true)
        try stream.dropFirst(2).dropLast(4).withUnsafeBytes { piece in
            try inflater.feed(piece) { bytes += $0 }
        }
        try inflater.finish()
        return bytes
    }

    // MARK: The page

    @Test func thePageHasTheSheetAndItsData() {
        var study = SixImages.study(Self.attacks)
        study.dataset?.classes = ["</script>", "1", "2"]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        #expect(html.contains("<section id=\"gallery\""))
        #expect(html.contains("<script type=\"application/json\" id=\"mirage-sheet\">"))
        #expect(html.contains("\\u003c/script>") && !html.contains("\"</script>\""))
        #expect(words(of: html).contains("All 6 images of the sample that the attacks share most"))
        #expect(html.contains("data-attack=\"fgsm\" data-epsilon=\"0.2\""))
        #expect(!Study(experiment: "bare").rendered().html.contains("id=\"mirage-sheet\""))
    }

    @Test func theSheetTakesNoMoreThanItsRoom() {
        var study = SixImages.study([SixImages.fgsm.repeated(50)])
        let usual = study.rendered().html.utf8.count
        study.layout.sheet = 600
        #expect(usual - study.rendered().html.utf8.count > 500)
    }
}
