// What the page of a comparison is called.

import Testing

@testable import CompareStage

@Suite struct CompareNameTests {
    /// Names and paths that once were all written `a-b`, or could be taken apart in two ways beside another.
    @Test func noTwoSidesShareAName() {
        let sides = [
            ["a-b"], ["a/b"], ["a", "b"], ["./a/b"], ["/a/b"], ["../a/b"], ["a b"], ["a--b"],
            ["-a-b"],
            ["a-b-"], ["a-b", "c"], ["a", "b-c"], ["a/b/c"], [String(repeating: "a", count: 61)],
        ]
        let names = Set(sides.map(ComparedExperiment.fileName))
        #expect(names.count == sides.count)
        #expect(ComparedExperiment.fileName(["mnist-cnn"]) == "mnist-cnn")
        #expect(ComparedExperiment.fileName(["/home/me/old/artifacts"]).hasPrefix("old-artifacts-"))
        for name in names { #expect(!name.contains("/") && !name.contains(" ")) }
    }
}
