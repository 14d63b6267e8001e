// axe-core, which knows the rules of accessibility, finds nothing: on light and dark paper, on a phone
// and on a desk, with everything unfolded and with a picture open.

import Artifacts
import Foundation
import Testing

@testable import FetchWork

/// The script of axe-core: not a part of the project, but fetched by pip, once, and known by its digest.
enum Axe {
    private static let package = "axe-core-python==0.1.0"
    private static let digest = "697ea6c7edff0fe289b7bbecf1ff7b9015249bc834b409a348cd060df80aeba0"

    /// The script, or why it cannot be had.
    static let script: Result<String, any Error> = Result {
        let folder = MadeStudy.repository.appending(path: ".build-bench/axe-core")
        let file = folder.appending(path: "axe.min.js")
        if let kept = try? Data(contentsOf: file), Digest(of: [UInt8](kept)).hex == digest {
            return String(decoding: kept, as: UTF8.self)
        }
        try? FileManager.default.removeItem(at: folder)
        let bytes = try Wheel(package, into: folder.path).file(
            "axe_core_python/axe.min.js", limit: 1 << 20)
        guard Digest(of: bytes).hex == digest else {
            throw BrowserFault("axe.min.js of \(package) is not the file that is known")
        }
        try Data(bytes).write(to: file)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether its tests are to run: where it is not required and cannot be had, a line says so.
    static let isTried: Bool = {
        guard Required.isTried else { return false }
        if case .failure(let fault) = script, !Required.browser {
            Required.leaveOut("axe-core", "\(fault)")
            return false
        }
        return true
    }()
}

extension Tab {
    /// What axe-core has to say against the page as it is now, or against a part of it: a line for each
    /// rule and place.
    func violations(in part: String = "html") throws -> [String] {
        if try evaluate("typeof axe") == "undefined" {
            try evaluate(Axe.script.get() + "; null")
        }
        // It looks at each element many times.
        let usual = patience
        patience = .seconds(600)
        defer { patience = usual }
        return try texts(
            """
            axe.run(\(quoted(part)), { resultTypes: ["violations"] }).then((results) => results.violations.flatMap((rule) =>
                rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))
            """)
    }
}

@Browsing @Suite(.browser, .enabled("there is no axe-core") { Axe.isTried }) struct AxeTests {
    /// The page with all that computes and draws itself, with a picture large, and with one of the sheet.
    @Test(arguments: [(390, Tab.Wish.dark), (1280, .light)])
    func nothingIsFound(width: Int, paper: Tab.Wish) throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: width)
            try tab.show(as: paper)
            try tab.open(study.page)
            try tab.waitForOutcome()
            try tab.waitForSheet()
            var found = try tab.violations()
            #expect(found == [])
            for picture in [Element.css(".equation"), "#all-images [data-place='3']"] {
                try tab.click(picture)
                try tab.wait(
                    "\(picture) is large",
                    for: "document.querySelector('dialog[open]') !== null")
                found = try tab.violations(in: "dialog[open]")
                #expect(found == [])
                try tab.press("Escape")
            }
        }
    }

    /// Once, since it takes long: with all attacks unfolded.
    @Test func nothingIsFoundInWhatIsFolded() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.evaluate(
                "for (const details of document.querySelectorAll('details')) details.open = true")
            let found = try tab.violations()
            #expect(found == [])
        }
    }

    @Test func aFaultIsFound() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.evaluate(
                "document.querySelector('#data').append(document.createElement('button'))")
            #expect(try tab.violations(in: "#data").contains { $0.hasPrefix("button-name") })
        }
    }
}
