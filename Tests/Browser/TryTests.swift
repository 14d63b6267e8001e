// "Try it" as people use it: choose or draw a picture, choose an attack, move ε, pass the state on, repeat
// it with the pipeline.

import Artifacts
import Formats
import Foundation
import Testing

@Browsing @Suite(.browser) struct TryTests {
    /// What is seen of each picture to choose from is that picture: as the browser reads the file behind it, at
    /// the place that is shown.
    @Test func picturesToChooseAreThemselves() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.goToTry()
            let wrong = try tab.evaluate(
                """
                (async () => {
                    const list = document.getElementById("try-digits");
                    const { all, shape: [, height, width] } = Mirage.live.images;
                    const sheet = new Image();
                    sheet.src = list.style.getPropertyValue("--sheet").slice(5, -2);
                    await sheet.decode();
                    const canvas = document.createElement("canvas");
                    [canvas.width, canvas.height] = [width, height];
                    const context = canvas.getContext("2d", { willReadFrequently: true });
                    let wrong = [...list.children].length === all.length ? 0 : 1;
                    [...list.children].forEach((option, place) => {
                        // A background at p % lies so that its point at p % is at that of the box.
                        const [x, y] = getComputedStyle(option).backgroundPosition.split(" ").map((text) => parseFloat(text) / 100);
                        context.drawImage(sheet, -Math.round(x * (sheet.width - width)), -Math.round(y * (sheet.height - height)));
                        const { data } = context.getImageData(0, 0, width, height);
                        if (!all[place].every((value, k) => data[4 * k] === Math.round(value * 255))) wrong += 1;
                    });
                    return wrong;
                })()
                """)
            #expect(wrong == 0)
        }
    }

    /// The store's numbers are those of the page: FGSM at ε 0.1 on some of the stored pictures.
    @Test func aStoredPictureIsAttackedWithTheStoresNumbers() throws {
        let study = try MadeStudy.made.get()
        let file = try study.tensors("attack/fgsm")
        let index = try file.int64s("index")
        let level = 1
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.retype("#try-epsilon-number", "0.1")
            for place in [0, 7, 23] {
                try tab.click(.css("#try-digits [role=option]", place))
                try tab.waitForOutcome()
                let key = try #require(
                    tab.evaluate("Mirage.live.images.index[\(place)]").int.map(Int64.init))
                let row = level * index.count + (try #require(index.firstIndex(of: key)))
                let numbers = try tab.outcomeNumbers()
                for (words, column) in [
                    ("largest change (L∞)", "linf"), ("straight-line (L₂)", "l2"),
                    ("sum of changes (L₁)", "l1"), ("values changed (L₀)", "l0"),
                ] where try file.uint8s("success")[row] == 1 {
                    let stored = try file.floats(column)[row]
                    #expect(numbers[words].flatMap { Float($0) } == stored, "\(key): \(column)")
                }
                let isReached = try file.uint8s("success")[row] == 1 ? "yes" : "no"
                #expect(numbers["reached the goal"] == isReached)
                // The answer to what was proposed, in words and as the longest bar.
                let (answer, sure) = try (
                    file.int64s("proposed_class")[row], file.floats("proposed_confidence")[row]
                )
                #expect(try tab.text("#try-after-words .name") == "\(answer)")
                let bars = try tab.texts(
                    "[...document.querySelectorAll('#try-bars tbody tr')].map((row) => row.cells[2].innerText)"
                )
                #expect(bars.count == 10)
                let longest = try #require(number(bars[Int(answer)]))
                #expect(abs(longest - 100 * Double(sure)) < 0.1)
            }
        }
    }

    @Test func theFlipPointIsFoundAndReached() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.waitForOutcome()
            try tab.wait("a flip point", for: "!document.getElementById('try-flip-go').hidden")
            #expect(try tab.text("#try-flip").hasPrefix("flips at ε = "))
            try tab.click("#try-flip-go")
            try tab.waitForOutcome()
            #expect(try tab.evaluate("Mirage.live.view().result.levels[0].success") == true)
            #expect(try tab.text("#try-verdict").contains("Now it reads"))
            // A step less is too little.
            try tab.evaluate("document.getElementById('try-epsilon').focus()")
            try tab.press("ArrowLeft", times: 2)
            try tab.waitForOutcome()
            #expect(try tab.evaluate("Mirage.live.view().result.levels[0].success") == false)
        }
    }

    @Test func everyAttackAndNetworkCanBeChosenByKeys() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.waitForOutcome()
            for network in ["mlp", "our-lenet"] {
                try tab.choose("#try-network", network)
                for attack in ["fgsm", "pgd", "noise-sgd", "deepfool", "uniform-noise"] {
                    try tab.choose("#try-method", attack)
                    try tab.waitForOutcome()
                    let shown = try tab.evaluate(
                        "[Mirage.live.view().config.model, Mirage.live.view().config.attack]")
                    #expect(shown == [.string(network), .string(attack)])
                    #expect(try tab.text("#try-verdict").hasSuffix("."))
                    let isBudgeted = attack != "noise-sgd" && attack != "deepfool"
                    #expect(
                        try tab.read("#try-strength", "element.checkVisibility()")
                            == .bool(isBudgeted))
                }
            }
            // Towards a class of one's choice.
            try tab.choose("#try-method", "noise-sgd")
            try tab.choose("#try-target", "7")
            try tab.waitForOutcome()
            #expect(try tab.evaluate("Mirage.live.view().result.target") == 7)
        }
    }

    @Test(arguments: [Tab.Pointer.mouse, .pen, .finger])
    func aDrawnDigitIsReadAndPassedOn(pointer: Tab.Pointer) throws {
        let study = try MadeStudy.made.get()
        var (hash, verdict, bytes) = ("", "", "")
        try Browser.withTab { tab in
            try tab.resize(width: pointer == .finger ? 390 : 1280)
            try tab.open(study.page)
            try tab.draw(7, with: pointer)
            #expect(try tab.text("#try-before-words .name") == "7")
            // The address follows when the pen rests.
            try tab.wait(
                "the address", for: "location.hash === Mirage.state.text(Mirage.live.fields())")
            hash = try #require(tab.evaluate("location.hash.slice(1)").string)
            verdict = try tab.text("#try-verdict")
            bytes = try #require(tab.read("#try-bytes", "element.textContent").string)
            #expect(bytes.contains("ff"))
        }
        // Somebody else opens it.
        try Browser.withTab { tab in
            try tab.open(study.page, hash: hash)
            try tab.waitForOutcome()
            #expect(try tab.text("#try-verdict") == verdict)
            #expect(try tab.read("#try-bytes", "element.textContent").string == bytes)
            try tab.click("#try-clear")
            #expect(
                try tab.text("#try-verdict") == "Draw a digit: the network answers while you draw.")
        }
    }

    @Test func aDigitIsDrawnByKeys() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.click(.css("#try-modes label", 1))
            try tab.evaluate("document.getElementById('try-pad').focus()")
            try tab.press(" ")
            try tab.press("ArrowDown", times: 18)
            try tab.press(" ")
            try tab.waitForOutcome()
            #expect(try tab.text("#try-before-words .name") == "1")
            try tab.press("Backspace")
            #expect(
                try tab.text("#try-verdict") == "Draw a digit: the network answers while you draw.")
        }
    }

    @Test(arguments: [
        ("try&digit=999999", "“999999”"), ("try&attack=magic", "“magic”"),
        ("try&epsilon=7", "“7”"), ("try&drawn=abc", "damaged"),
        ("try&attack=deepfool&target=3", "takes none"),
    ])
    func aLinkToWhatIsNotThereIsAnswered(hash: String, words: String) throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page, hash: hash)
            try tab.wait("a sentence", for: "!document.getElementById('try-note').hidden")
            #expect(try tab.text("#try-note").contains(words))
        }
    }

    /// What the page offers for download goes through the real `stage-attack` by the commands that it shows,
    /// and the image that comes out has the digest that it shows.
    @Test func aDrawingIsRepeatedByThePipeline() throws {
        let study = try MadeStudy.made.get()
        let downloads = study.root.appending(path: "downloads")
        try? FileManager.default.removeItem(at: downloads)
        var (commands, digest) = ("", "")
        try Browser.withTab { tab in
            try tab.keepDownloads(in: downloads)
            try tab.open(study.page)
            try tab.draw(3, with: .mouse)
            try tab.choose("#try-method", "pgd")
            try tab.waitForOutcome()
            try tab.click("#try-repeat > summary")
            try tab.wait(
                "a digest",
                for: "/[0-9a-f]{64}/.test(document.getElementById('try-digest').textContent)")
            try tab.click("#try-sample")
            try tab.click("#try-config")
            commands = try #require(tab.read("#try-commands", "element.textContent").string)
            digest = try #require(
                tab.read("#try-digest", "element.textContent.match(/[0-9a-f]{64}/)[0]").string)
            #expect(try tab.downloaded(2, in: downloads).count == 2)
        }
        let here = commands.replacing("~/Downloads", with: downloads.path)
            .replacing(".build/release/", with: "bin/")
        let outcome = try study.run("set -e\n" + here)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(
            outcome.output.split(separator: "\n").last == Substring(digest), "\(outcome.output)")
    }
}
