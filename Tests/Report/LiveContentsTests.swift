// What the page carries to compute with: networks that fit, images that attacks share, results to compare.

import Formats
import Tensors
import Testing

@testable import Report

@Suite struct LiveContentsTests {
    /// A network of the tiny study, of so many bytes and parameters.
    private func network(
        _ name: String = "", bytes: Int = 3, parameters: Int = 51
    ) -> LiveNetwork {
        var network = LiveNetwork(
            name: name, artifact: "model/\(name).safetensors", digest: "abc",
            imageShape: [1, 4, 4], layers: [["dense": 3]], parameters: parameters)
        network.file = Array(repeating: 7, count: bytes)
        return network
    }

    private func study(_ networks: [LiveNetwork]) -> Study {
        var study = Tiny.study
        study.live = networks
        return study
    }

    @Test func whatFitsIsCarriedAndTheRestSaysWhyNot() {
        let networks = [
            network("big", parameters: 400_001), network("", bytes: 2_000_000),
            network("third", bytes: 200_000),
        ]
        let contents = LiveContents(study(networks), wanting: nil)
        #expect(contents.networks[0].why?.contains("400,001 parameters") == true)
        #expect(contents.networks[1].why == nil)
        #expect(contents.networks[2].why?.contains("room") == true)
        #expect(contents.attacks.map(\.name) == ["fgsm", "noise-l2"])
    }

    @Test func attacksOfNetworksThatAreNotHereAreLeftOut() {
        #expect(LiveContents(study([network("other")]), wanting: nil).attacks.isEmpty)
        var masked = study([network()])
        masked.attacks[0].limits.bounds = [0...0.5]
        #expect(LiveContents(masked, wanting: nil).attacks.map(\.name) == ["noise-l2"])
    }

    /// Each image once, those first that most attacks have, and the wanted one in any case.
    @Test func imagesAreThoseThatAttacksShare() {
        var study = study([network()])
        study.attacks[1].samples = Array(study.attacks[1].samples.prefix(3))
        let images = LiveContents(study, wanting: nil).images
        #expect(images.prefix(3).map(\.index).sorted() == [100, 101, 102])
        #expect(images.map(\.index).sorted() == Array(100...105))
        #expect(LiveContents(study, wanting: 105).images.contains { $0.index == 105 })
    }

    @Test func bytesAreTakenOnlyWhereNothingIsLost() {
        let bytes = Tensor(shape: [1, 1, 1, 3], values: [0, 7.0 / 255, 1])
        #expect(bytes.bytes(of: 0) == [0, 7, 255])
        #expect(Tensor(shape: [1, 1, 1, 2], values: [0, 0.5]).bytes(of: 0) == nil)
        #expect(bytes.littleEndianBytes(of: 0).suffix(4) == [0, 0, 0x80, 0x3F])
    }

    @Test func thePageHoldsTheBlocks() throws {
        var study = study([network()])
        study.experiment = "<odd>"
        study.attacks[0].resolved = ["attack": "fgsm"]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        let start = try #require(html.range(of: "id=\"mirage-data\">")).upperBound
        let end = try #require(html[start...].range(of: "</script>")).lowerBound
        let json = try JSON.parse(String(html[start..<end]), named: "data")
        #expect(json["experiment"]?.string == "<odd>" && !html[start..<end].contains("<"))
        #expect(json["networks"]?[0]?["layers"]?.canonical == "[{\"dense\":3}]")
        #expect(json["images"]?["shape"]?.canonical == "[6,1,4,4]")
        #expect(json["attacks"]?[0]?["config"]?["attack"]?.string == "fgsm")
        #expect(html.contains("id=\"mirage-weights-\">BwcH</script>"))
        // Two levels of six images, seven words each.
        let stored = try #require(html.range(of: "id=\"mirage-stored-fgsm\">")).upperBound
        let closed = try #require(html[stored...].range(of: "</script>")).lowerBound
        #expect(html[stored..<closed].count == (2 * 6 * 7 * 4 + 2) / 3 * 4)
        #expect(html.contains("id=\"verify\"") && html.contains("id=\"eps\""))
    }

    /// An ε of another norm is no place on the slider: there the distance in the slider's norm counts.
    @Test func theSliderBeginsWhereTheStoredPictureLies() {
        var noise = Tiny.noise
        func start(for attack: AttackRun) -> Double {
            let example = Selection.Example(
                attack: noise, level: noise.levels[0], position: 0, clean: 0, final: 0, isFar: false
            )
            return Page.start(of: example, for: attack)
        }
        #expect(start(for: Tiny.fgsm) == Double(Float(0.2)))
        #expect(start(for: noise) == Double(Float(0.4)))
        noise.levels[0].epsilon = 2
        #expect(start(for: Tiny.fgsm) == Double(Float(0.2)))
        #expect(start(for: noise) == 2)
    }

    /// The cursor ends at the curve's frame, and steps of the slider are spoken only once it rests.
    @Test func theSliderTellsItsScriptWhereTheCurveIs() {
        let html = study([network()]).rendered().html
        #expect(html.contains("data-top=\"30\" data-bottom=\"356\""))
        #expect(html.contains("id=\"eps-value\" for=\"eps-range\" aria-live=\"off\""))
        #expect(html.contains("<p id=\"eps-said\"></p>"))
        #expect(html.contains("id=\"eps-spoken\" class=\"try-hidden\" role=\"status\""))
    }

    @Test func withoutANetworkThereIsNoData() {
        let html = Tiny.study.rendered().html
        for id in ["mirage-data", "verify", "eps"] { #expect(!html.contains("id=\"\(id)\"")) }
    }
}
