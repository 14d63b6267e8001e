// REQUIRE names what the tests must not leave out.

import Requirements
import Testing

@Suite struct RequirementTests {
    @Test(arguments: [
        ("", []), ("1", Requirement.allCases), ("browser", [.browser]), ("node", [.node]),
        ("campaign,node", [.node, .campaign]), (" browser  node ", [.browser, .node]),
        ("nodes", []), ("11", []), ("campaign 1", Requirement.allCases),
    ])
    func wordsNameParts(_ text: String, _ parts: [Requirement]) {
        #expect(Requirement.allCases.filter { $0.isRequired(by: text) } == parts)
    }

    @Test func anotherWordIsRefused() throws {
        let ground = try Playground()
        for text in ["nodes", "browser,2", "*", "$(touch x)"] {
            let word = PipelineVariableTests.word(text)
            let outcome = try ground.shell("REQUIRE=\(word) pipeline/make/test")
            #expect(outcome.status == 64, "\(outcome.output)")
            #expect(outcome.says("expected browser, node, campaign, or 1"), "\(outcome.output)")
        }
        #expect(!ground.exists("x"))
    }
}
