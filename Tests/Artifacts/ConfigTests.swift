import Formats
import Testing

@testable import Artifacts

@Suite struct ConfigTests {
    let schema = Schema(
        "test",
        [
            Parameter("epsilon", .number(0...1), default: 0.1, unit: "pixels", help: "The radius."),
            Parameter("epsilons", .numbers(0...1), default: [], help: "Radii."),
            Parameter("steps", .integer(1...1000), help: "How many."),
            Parameter("norm", .choice(["l1", "l2", "linf"]), default: "linf", help: "The norm."),
            Parameter("decay", .number(0...Double.infinity), default: 0, help: "Decay."),
            Parameter("rate", .number(.leastNonzeroMagnitude...1), default: 1, help: "Rate."),
            Parameter("name", .text, default: .null, help: "A name."),
            Parameter("tags", .texts, default: [], help: "Tags."),
            Parameter("random", .flag, default: false, help: "Start anywhere."),
        ])

    func resolve(_ text: String, _ overrides: [String: String] = [:]) throws -> Config {
        let json = try JSON.parse(text, named: "c.json", comments: true)
        return try schema.resolve(json, overrides: overrides, file: "c.json")
    }

    func message(_ text: String, _ overrides: [String: String] = [:]) -> String {
        do {
            _ = try resolve(text, overrides)
            return "no fault"
        } catch {
            return "\(error)"
        }
    }

    @Test func defaultsAreFilledInAndFormDoesNotMatter() throws {
        let plain = try resolve(#"{"steps":3,"epsilon":0.5}"#)
        let other = try resolve(
            "{ // x\n \"epsilon\": \"1/2\", \"steps\": 3.0, \"norm\": \"linf\" }")
        #expect(plain.json.canonical == other.json.canonical)
        #expect(
            plain.json.canonical
                == #"{"decay":0.0,"epsilon":0.5,"epsilons":[],"name":null,"norm":"linf","random":false,"rate":1.0,"steps":3,"tags":[]}"#
        )
        #expect(try plain.number("epsilon") == 0.5 && plain.integer("steps") == 3)
        #expect(try plain.text("norm") == "linf" && plain.flag("random") == false)
        #expect(!plain.isSet("name"))
        #expect(throws: ConfigFault.undeclared(key: "norm", asked: "a number")) {
            try plain.number("norm")
        }
        #expect(throws: ConfigFault.undeclared(key: "name", asked: "a text")) {
            try plain.text("name")
        }
    }

    @Test func flagsWinOverTheFile() throws {
        let config = try resolve(
            #"{"steps": 3, "epsilon": 0.5}"#,
            [
                "epsilon": "8/255", "epsilons": "0.1,2/255", "tags": "a,b", "random": "true",
                "name": "x",
            ])
        #expect(try config.number("epsilon") == 8.0 / 255)
        #expect(try config.numbers("epsilons") == [0.1, 2.0 / 255])
        #expect(try config.texts("tags") == ["a", "b"])
        #expect(try config.flag("random") && config.text("name") == "x")
        #expect(try config.float("epsilon") == Float(8.0 / 255))
    }

    static let messages: [(String, String)] = [
        ("{}", "steps: missing; it has no default (How many.); add it (c.json)"),
        ("[1]", "c.json: a config is an object, { \"key\": value, … }; this is a list"),
        (
            #"{"steps": 1, "epsilon": 25}"#,
            "epsilon: 25 is outside 0…1; did you mean 25/255 = 0.098? (c.json)"
        ),
        (
            #"{"steps": 1, "epsilons": [0.1, 8]}"#,
            "epsilons: 8 is outside 0…1; did you mean 8/255 = 0.031? (c.json)"
        ),
        (#"{"steps": 1, "epsilon": -0.5}"#, "epsilon: -0.5 is outside 0…1 (c.json)"),
        (#"{"steps": 1, "epsilon": 300}"#, "epsilon: 300 is outside 0…1 (c.json)"),
        (#"{"steps": 1, "epsilon": "300/255"}"#, "epsilon: 300/255 is outside 0…1 (c.json)"),
        (
            #"{"steps": 1, "epsilon": "x"}"#,
            "epsilon: expected a number, or a fraction such as \"8/255\", found \"x\" (c.json)"
        ),
        (
            #"{"steps": 1, "epsilon": "1/0"}"#,
            "epsilon: expected a number, or a fraction such as \"8/255\", found \"1/0\" (c.json)"
        ),
        (#"{"steps": 0}"#, "steps: 0 is outside 1…1000 (c.json)"),
        (#"{"steps": 1.5}"#, "steps: expected a whole number, found 1.5 (c.json)"),
        (#"{"steps": 1, "decay": -1}"#, "decay: -1 is outside at least 0 (c.json)"),
        (#"{"steps": 1, "rate": 0}"#, "rate: 0 is outside above 0, at most 1 (c.json)"),
        (
            #"{"steps": 1, "norm": "linv"}"#,
            "norm: \"linv\" is none of l1, l2, linf; did you mean linf? (c.json)"
        ),
        (#"{"steps": 1, "stesp": 1}"#, "stesp: unknown key; did you mean steps? (c.json)"),
        (
            #"{"steps": 1, "colour": 1}"#,
            "colour: unknown key; the keys here are decay, epsilon, epsilons, name, norm, random, rate, steps, tags (c.json)"
        ),
        (
            #"{"steps": 1, "random": "yes"}"#,
            "random: expected true or false, found \"yes\" (c.json)"
        ),
        (
            #"{"steps": 1, "tags": ["a", 1]}"#,
            "tags: expected a list of texts, found [\"a\",1] (c.json)"
        ),
        (
            #"{"steps": 1, "epsilons": 0.1}"#,
            "epsilons: expected a list of numbers, found 0.1 (c.json)"
        ),
        (
            #"{"steps": 1, "epsilon": null}"#,
            "epsilon: expected a number, or a fraction such as \"8/255\", found null (c.json)"
        ),
    ]

    @Test(arguments: messages) func aFaultIsOneSentenceWithTheWayOut(
        _ text: String, _ words: String
    ) {
        #expect(message(text) == words)
    }

    @Test func faultsOfFlagsNameTheCommandLine() {
        #expect(message("{}", ["steps": "0"]) == "steps: 0 is outside 1…1000 (the command line)")
        #expect(
            message(#"{"steps": 1}"#, ["epsilons": "0.1,,0.2"])
                == "epsilons: expected a number, or a fraction such as \"8/255\", found \"\" (the command line)"
        )
    }

    @Test(arguments: [
        ("epslion", "epsilon"), ("stpes", "steps"), ("nrom", "norm"), ("epsilon_", "epsilon"),
        ("elephant", nil), ("", nil), ("x", nil),
    ]) func theNearestSpelling(_ word: String, _ expected: String?) {
        #expect(Spelling.nearest(to: word, among: ["epsilon", "steps", "norm"]) == expected)
    }

    @Test(arguments: [("", "abc", 3), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "abc", 0)])
    func edits(_ a: String, _ b: String, _ count: Int) {
        #expect(Spelling.edits(Array(a), Array(b)) == count)
    }

    // MARK: Objects of settings

    static let nested = Schema(
        "test",
        [
            Parameter("seed", .integer(0...9), default: 1, help: "The seed."),
            Parameter(
                "robust",
                .variants(
                    by: "method",
                    [
                        .init("none", [], help: "Nothing."),
                        .init(
                            "pgd",
                            [
                                Parameter("epsilon", .number(0.001...1), help: "The radius."),
                                Parameter("steps", .integer(1...100), default: 40, help: "Steps."),
                                Parameter(
                                    "size", .number(0.001...1), default: .null, help: "Size."),
                            ], help: "Many steps."),
                    ]),
                default: .null, isLeftOut: true, help: "How."),
        ])

    @Test func anObjectOfSettingsIsFilledInAndOneThatIsNotThereIsLeftOut() throws {
        func resolve(_ text: String, _ overrides: [String: String] = [:]) throws -> String {
            try Self.nested.resolve(
                JSON.parse(text, named: "c.json"), overrides: overrides, file: "c.json"
            ).json.canonical
        }
        #expect(try resolve("{}") == #"{"seed":1}"#)
        #expect(try resolve(#"{"robust": null}"#) == #"{"seed":1}"#)
        let full =
            #"{"robust":{"epsilon":0.5,"method":"pgd","size":null,"steps":40},"seed":1}"#
        #expect(
            try resolve(#"{"robust": {"epsilon": "1/2", "method": "pgd", "steps": 40.0}}"#) == full)
        #expect(try resolve("{}", ["robust": #"{"epsilon": 0.5, "method": "pgd"}"#]) == full)
        #expect(
            try resolve(#"{"robust": {"method": "none"}}"#)
                == #"{"robust":{"method":"none"},"seed":1}"#)
    }

    @Test(arguments: [
        (
            #"{"robust": 1}"#,
            #"robust: expected an object such as {"method": "none", …}, found 1 (c.json)"#
        ),
        (
            #"{"robust": {}}"#,
            "robust.method: missing; it has no default (none, pgd); add it (c.json)"
        ),
        (
            #"{"robust": {"method": "pdg"}}"#,
            #"robust.method: "pdg" is none of none, pgd; did you mean pgd? (c.json)"#
        ),
        (
            #"{"robust": {"method": "pgd"}}"#,
            "robust.epsilon: missing; it has no default (The radius.); add it (c.json)"
        ),
        (
            #"{"robust": {"method": "pgd", "epsilon": 0}}"#,
            "robust.epsilon: 0 is outside 0.001…1 (c.json)"
        ),
        (
            #"{"robust": {"method": "pgd", "epsilom": 0.1}}"#,
            "robust.epsilom: unknown key; did you mean robust.epsilon? (c.json)"
        ),
        (
            #"{"robust": {"method": "none", "steps": 1}}"#,
            "robust.steps: unknown key; the keys here are robust.method (c.json)"
        ),
    ])
    func whatIsWrongInAnObjectOfSettingsIsNamed(_ text: String, _ expected: String) throws {
        let error = #expect(throws: ConfigFault.self) {
            try Self.nested.resolve(JSON.parse(text, named: "c.json"), file: "c.json")
        }
        #expect(error.map { "\($0)" } == expected)
    }
}
