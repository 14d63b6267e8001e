// JSON writing: exact bytes, and equality after a round trip.

import Formats
import Testing

@Suite struct JSONWritingTests {
    let sample: JSON = [
        "b": [1, 2.0, 0.1, 1e-5, 1e21, -0.0], "a": ["é\n\"\\\u{1}/", true, nil], "Z": .object([:]),
        "list": [[1, 2], ["x": 1]], "none": .array([]),
    ]

    @Test func canonical() {
        #expect(
            sample.canonical
                == #"{"Z":{},"a":["é\n\"\\\u0001/",true,null],"b":[1,2.0,0.1,1e-05,1e+21,-0.0],"list":[[1,2],{"x":1}],"none":[]}"#
        )
    }

    @Test func pretty() {
        #expect(
            sample.pretty == """
                {
                  "Z": {},
                  "a": ["é\\n\\"\\\\\\u0001/", true, null],
                  "b": [1, 2.0, 0.1, 1e-05, 1e+21, -0.0],
                  "list": [
                    [1, 2],
                    {
                      "x": 1
                    }
                  ],
                  "none": []
                }

                """)
        #expect(JSON.integer(1).pretty == "1\n")
    }

    @Test func breaksLongLists() {
        // 27 digits, 26 separators of two characters and two brackets: 81.
        let long = JSON.array(Array(repeating: 1, count: 27))
        #expect(long.pretty.split(separator: "\n").count == 29)
        let short = JSON.array(Array(repeating: 1, count: 26))
        #expect(short.pretty.split(separator: "\n").count == 1)
    }

    @Test func roundTrips() throws {
        #expect(try JSON.parse(sample.canonical, named: "t") == sample)
        #expect(try JSON.parse(sample.pretty, named: "t") == sample)
        #expect(try JSON.parse(sample.pretty, named: "t").pretty == sample.pretty)
        // Numbers of every magnitude come back with the same bits.
        var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<2000 {
            bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: bits)
            guard value.isFinite else { continue }
            #expect(
                try JSON.parse(JSON.number(value).canonical, named: "t").double?.bitPattern
                    == value.bitPattern)
        }
    }

    @Test func hasNoWayToSayNotANumber() {
        #expect(JSON.array([.number(.nan), .number(.infinity)]).canonical == "[null,null]")
    }

    @Test func lastLiteralWins() {
        let json: JSON = ["a": 1, "a": 2]
        #expect(json == .object(["a": 2]))
    }
}
