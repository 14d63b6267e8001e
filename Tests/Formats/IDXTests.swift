// IDX: known bytes, and one clear message for each kind of wrong file.

import Formats
import Testing

@Suite struct IDXTests {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3] + [1, 2, 3, 4, 5, 6]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]

    @Test func readsBothKinds() throws {
        let pictures = try IDX(images, as: .images, named: "i")
        #expect(pictures.shape == [2, 1, 3])
        #expect(pictures.withElements { Array($0) } == [1, 2, 3, 4, 5, 6])
        let classes = try IDX(labels, as: .labels, named: "l")
        #expect(classes.shape == [2])
        #expect(classes.withElements { Array($0) } == [7, 9])
        #expect(try IDX([0, 0, 8, 1, 0, 0, 0, 0], as: .labels, named: "l").count == 0)
    }

    @Test(
        arguments: [
            ([], "it ends after 0 bytes, inside its header"),
            ([0, 0, 8, 3, 0, 0, 0], "it ends after 7 bytes, inside its header"),
            (
                [31, 139, 8, 0, 0],
                "it starts with the bytes 31 139 8 0, expected 0 0 8 and the number of dimensions"
            ),
            ([0, 0, 13, 3, 0, 0], "its elements are of type 13, expected 8 (unsigned bytes)"),
            (
                [0, 0, 8, 1, 0, 0, 0, 1, 5],
                "it holds labels where images are expected; are the images and labels files swapped?"
            ),
            ([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5], "it has 2 dimensions, expected 3"),
            ([0, 0, 8, 255, 0, 0, 0, 1], "it has 255 dimensions, expected 3"),
            (
                [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12),
                "its shape [4294967295, 4294967295, 4294967295] has too many elements"
            ),
            (
                [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3],
                "its shape takes 4 bytes and 3 follow the header; the file is cut short"
            ),
            (
                [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2],
                "its shape takes 1 bytes and 2 follow the header; it has extra bytes at the end"
            ),
        ] as [([UInt8], String)])
    func refuses(bytes: [UInt8], expected: String) {
        #expect {
            try IDX(bytes, as: .images, named: "x")
        } throws: {
            "\($0)" == "x is not the IDX file expected: " + expected
        }
    }

    @Test func namesSwappedImages() {
        #expect(
            throws: FormatFault.idx(file: "x", .swapped(expected: "labels", found: "images"))
        ) { try IDX(images, as: .labels, named: "x") }
    }

    @Test func survivesDamage() {
        for length in images.indices {
            #expect(throws: FormatFault.self) {
                try IDX(Array(images[..<length]), as: .images, named: "x")
            }
        }
        // The header decides everything: each changed bit of it must be refused.
        for place in 0..<16 {
            for bit in 0..<8 {
                var damaged = images
                damaged[place] ^= 1 << bit
                #expect(throws: FormatFault.self) { try IDX(damaged, as: .images, named: "x") }
            }
        }
    }
}
