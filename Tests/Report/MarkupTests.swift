import Testing

@testable import Report

@Suite struct MarkupTests {
    @Test func textAndAttributesAreEscaped() {
        let hostile = "<b a=\"1\" c='2'>&amp;</b>\u{0}\u{1B}"
        let page = tag("p", ["title": hostile]) { hostile }.written
        let escaped =
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;\u{FFFD}\u{FFFD}"
        #expect(page == "<p title=\"\(escaped)\">\(escaped)</p>\n")
        #expect(faults(in: page).isEmpty)
    }

    @Test func elementsCloseAsHTMLAndXMLWant() {
        #expect(tag("br").written == "<br/>")
        #expect(tag("span").written == "<span></span>")
        #expect(tag("line", ["x1": "0"]).written == "<line x1=\"0\"/>\n")
        #expect(tag("div") { tag("b") { "x" } }.written == "<div>\n<b>x</b></div>\n")
    }

    @Test func missingAttributesAreLeftOut() {
        #expect(tag("i", ["class": nil, "id": "a"]) { "x" }.written == "<i id=\"a\">x</i>")
    }

    @Test func buildersTakeLoopsAndConditions() {
        let isOdd = true
        let list = tag("ul") {
            for number in 1...2 { tag("li") { "\(number)" } }
            if isOdd { "odd" } else { "even" }
            if !isOdd { "never" }
        }
        #expect(list.written == "<ul>\n<li>1</li>\n<li>2</li>\nodd</ul>\n")
    }

    @Test func theCheckerSeesFaults() {
        #expect(faults(in: "<p><b></p></b>").count == 2)
        #expect(faults(in: "<p>") == ["never closed: [\"p\"]"])
        #expect(faults(in: "<a href=\"#x\"></a>") == ["nothing is called x"])
        #expect(faults(in: "<i id=\"x\"></i><i id=\"x\"></i>") == ["id x stands 2 times"])
        #expect(faults(in: "a & b") == ["a bare & at 2"])
        #expect(faults(in: "<p a=b></p>").first == "p a has no quoted value")
    }
}
