// What of these tests runs where there is no browser: nothing, and one line says so; or, where a browser
// is required (REQUIRE=browser, or 1 for all that tests may leave out), all of it, which then fails.

import Requirements
import Testing

enum Required {
    static let browser = Requirement.browser.isRequired

    /// Whether the tests of the page in a browser are to run.
    static let isTried: Bool = {
        if browser || Browser.program != nil { return true }
        leaveOut("the report in a browser", "there is no Chromium (apt-get install chromium)")
        return false
    }()

    /// Says that a part is left out, and why.
    static func leaveOut(_ part: String, _ why: String) {
        print("browser: left out: \(part), since \(why)")
    }
}

extension Trait where Self == ConditionTrait {
    /// For a suite that needs a browser.
    static var browser: Self {
        .enabled("there is no Chromium") { Required.isTried }
    }
}
