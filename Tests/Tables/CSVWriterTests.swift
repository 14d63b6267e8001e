// Tables that are written: quotes, numbers, formulas, and that they read back as they were.

import Formats
import Tables
import Testing

@Suite struct CSVWriterTests {
    /// What a writer makes, and in how many pieces.
    private static func written(_ body: (inout CSVWriter) throws -> Void) throws -> (
        text: String, pieces: Int
    ) {
        var bytes: [UInt8] = []
        var pieces = 0
        var table = CSVWriter {
            bytes += Array($0)
            pieces += 1
        }
        try body(&table)
        try table.finish()
        return (String(decoding: bytes, as: UTF8.self), pieces)
    }

    private static func field(_ text: String) throws -> String {
        try written { $0.text(text) }.text
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("é 猫", "é 猫"), ("a,b", "\"a,b\""),
        ("the \"one\"", "\"the \"\"one\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("a\rb", "\"a\rb\""), (" left", "\" left\""), ("right\t", "\"right\t\""),
    ])
    func textsAreQuotedWhereTheyMustBe(text: String, field: String) throws {
        #expect(try Self.field(text) == field)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1-1", "'+1-1"), ("-cmd", "'-cmd"), ("@SUM(A1)", "'@SUM(A1)"),
        ("=a,b", "\"'=a,b\""), ("\tx", "'\tx"), ("-", "'-"), ("-inf", "'-inf"),
        ("-0x1p3", "'-0x1p3"),
        // No formulas.
        ("-1", "-1"), ("+2.5e3", "+2.5e3"), ("a=b", "a=b"), ("'=1", "'=1"),
    ])
    func noTextIsAFormula(text: String, field: String) throws {
        #expect(try Self.field(text) == field)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (3, "3"), (-2, "-2"), (1e-7, "1e-07"), (16_777_216, "16777216"),
            (1e20, "1e+20"),
            (1 / 3, "0.33333334"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, ""), (0, "0"),
            (10, "10"),
        ] as [(Float, String)])
    func numbersAreTheShortest(value: Float, field: String) throws {
        let text = try Self.written { $0.number(value) }.text
        #expect(text == field)
        if !value.isNaN { #expect(Float(text) == value) }
    }

    @Test func rowsAreFieldsBetweenCommas() throws {
        let text = try Self.written {
            $0.number(-7)
            $0.none()
            $0.flag(true)
            try $0.endRow()
            $0.none()
            $0.text("b")
            $0.flag(false)
            try $0.endRow()
        }.text
        #expect(text == "-7,,1\n,b,0\n")
    }

    @Test func aTableReadsBackAndComesInPieces() throws {
        let texts = ["plain", "a,b", "\"", "two\nlines", " edge ", "end"]
        let (text, pieces) = try Self.written { table in
            for row in 0..<20_000 {
                table.number(row)
                for column in texts { table.text(column) }
                try table.endRow()
            }
        }
        #expect(pieces > 5)
        try Array(text.utf8).withUnsafeBytes { bytes in
            var table = try CSV(bytes, named: "t.csv")
            var rows = 0
            while let row = try table.next() {
                guard row.fields == ["\(rows)"] + texts else {
                    Issue.record("row \(rows): \(row.fields)")
                    break
                }
                rows += 1
            }
            #expect(rows == 20_000)
        }
    }
}
