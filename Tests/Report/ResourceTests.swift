// The lists of scripts and looks name the files of the folder, each once.

import Testing

@testable import Report

@Suite struct ResourceTests {
    @Test func everyFileIsListedOnceAndThere() {
        let scripts =
            PageResources.computing + PageResources.reading + PageResources.answering
            + PageResources.looking
        let listed = scripts.map { "\($0).js" } + PageResources.sheets.map { "\($0).css" }
        #expect(listed.sorted() == embeddedResources.map(\.file).sorted())
        #expect(embeddedResources.allSatisfy { !$0.text.isEmpty })
    }
}
