// "Verify in this browser": the page hashes the weights that it carries and computes stored results anew.

extension Page {
    /// The button, hidden until the scripts run; nothing where the page carries no network.
    var verification: Markup {
        guard let carried, !carried.attacks.isEmpty else { return .nothing }
        let count = carried.attacks.reduce(0) { sum, attack in
            sum + carried.compared(attack).count * attack.levels.count
        }
        return tag("div", ["id": "verify", "class": "verify", "hidden": "hidden"]) {
            tag("h3", ["id": "verify-h"]) { "Verify in this browser" }
            paragraph {
                "This page carries the network’s weights. At the press of the button your browser compares "
                "their SHA-256 with that of the artifact, attacks \(Numerals.whole(count)) times anew, and "
                "compares answer, confidence, distances, iterations and every pixel with what the pipeline "
                "stored, to the last bit."
            }
            button("verify-go", "Verify in this browser")
            tag(
                "progress",
                [
                    "id": "verify-progress", "max": "1", "value": "0", "hidden": "hidden",
                    "aria-label": "Results computed",
                ])
            tag("ul", ["id": "verify-said", "aria-live": "polite"])
        }
    }
}
