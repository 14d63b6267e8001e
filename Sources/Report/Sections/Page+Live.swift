// "Try it": the section that computes. Controls and outcome wait here, hidden, and the scripts show them once
// the page's own engine is there; a reader without JavaScript sees one sentence that says where the stored
// examples are.

extension Page {
    /// The section; nil where there is no network to try.
    var live: Markup? {
        guard carried != nil else { return tooBig }
        return group {
            paragraph {
                "Choose a picture, or draw one, and an attack; the page runs the network and the attack "
                "itself, on your machine and without a connection, with the same numbers to the last bit "
                "as the files that this report was made from."
                if study.classes == (0...9).map(String.init) {
                    " For a start: draw a 3, make 7 the goal, and move ε until it is one."
                }
            }
            tag("p", ["id": "try-still", "role": "status"]) {
                tag("span", ["id": "try-why"]) {
                    "That takes JavaScript, and none is running here."
                }
                " "
                storedExamples
            }
            desk
        }
    }

    /// Why nothing can be tried; nil where there is no network at all.
    private var tooBig: Markup? {
        guard !material.networks.isEmpty else { return nil }
        let several = material.networks.count > 1
        return paragraph {
            "A report carries small networks along and attacks them itself, while it is read; this one "
            "carries none. "
            for (network, why) in material.networks {
                if let why { several ? "\(network.name): \(why) " : "\(why) " }
            }
            storedExamples
        }
    }

    /// Where to look where nothing can be computed.
    private var storedExamples: Markup {
        guard !study.attacks.isEmpty else { return "There are no stored examples yet." }
        return group {
            "What is stored can be seen all the same: "
            tag("a", ["href": "#attacks"]) { "the attacks one by one" }
            "."
        }
    }

    /// All controls and what they change; hidden until the scripts show it.
    var desk: Markup {
        tag("div", ["id": "try-desk", "class": "try wide", "hidden": "hidden"]) {
            tag(
                "p",
                ["id": "try-note", "class": "try-note", "role": "status", "hidden": "hidden"])
            tag("div", ["class": "try-setup"]) {
                pictureControls
                attackControls
            }
            outcome
            tag("div", ["class": "try-more"]) {
                numbers
                bytes
                repetition
            }
            links
        }
    }

    /// What came of it: progress, verdict, three pictures, and the ten bars.
    private var outcome: Markup {
        group {
            tag("div", ["class": "try-answer"]) {
                tag("p", ["id": "try-verdict", "class": "try-verdict"])
                tag("p", ["id": "try-spoken", "class": "try-hidden", "role": "status"])
                tag("div", ["id": "try-busy", "class": "try-row try-busy"]) {
                    tag(
                        "progress",
                        [
                            "id": "try-progress", "aria-label": "Progress of the attack",
                            "max": "1",
                            "value": "0",
                        ])
                    button("try-stop", "Stop")
                }
            }
            tag("div", ["class": "try-result"]) {
                tag("div", ["class": "try-equation"]) {
                    term("before", "before")
                    tag("span", ["class": "sign", "aria-hidden": "true"]) { "+" }
                    term("change", "perturbation")
                    tag("span", ["class": "sign", "aria-hidden": "true"]) { "=" }
                    term("after", "after")
                }
                tag("table", ["id": "try-bars", "class": "try-bars"]) {
                    tag("caption", ["class": "try-hidden"]) {
                        "How sure the network is of each class, before and after the attack"
                    }
                    tag("thead") {
                        tag("tr") {
                            for title in ["class", "before", "after"] {
                                tag("th", ["scope": "col"]) { title }
                            }
                        }
                    }
                    tag("tbody")
                }
            }
        }
    }

    private func term(_ id: String, _ what: String) -> Markup {
        tag("div", ["class": "term"]) {
            tag(
                "canvas",
                [
                    "id": "try-\(id)", "role": "img", "aria-label": what,
                    "class": id == "change" ? "try-picture signed" : "try-picture",
                ])
            tag("p", ["class": "verdict", "id": "try-\(id)-words"]) {
                tag("span", ["class": "what"]) { what }
                tag("span", ["class": "name"])
                tag("span", ["class": "sure"])
            }
        }
    }

    private var numbers: Markup {
        tag("details") {
            tag("summary") { "All numbers, in full precision" }
            scrolling("try-numbers", "All numbers of this attack")
        }
    }

    private var bytes: Markup {
        tag("details") {
            tag("summary") { "The bytes of the picture" }
            paragraph("try-hint") {
                "One byte a pixel, row by row, in hexadecimal: 00 is black, ff is white. The network reads "
                "each divided by 255."
            }
            scrolling("try-bytes", "The bytes of the picture")
        }
    }

    /// What to download and to type for the same result with `stage-attack`.
    private var repetition: Markup {
        tag("details", ["id": "try-repeat"]) {
            tag("summary") { "Repeat this on your machine" }
            paragraph("try-hint") {
                "Two files and three commands, to be typed in the folder in which "
                code("make all")
                " made this report: the pipeline then attacks the same picture. The last command prints "
                "the SHA-256 of the image that comes out, which is to be the one below."
            }
            tag("div", ["class": "try-row"]) {
                button("try-sample", "Download the picture")
                button("try-config", "Download the settings")
                button("try-commands-copy", "Copy the commands")
                button("try-config-copy", "Copy the settings")
            }
            scrolling("try-commands", "Commands that repeat this attack")
            scrolling("try-settings", "Settings of this attack")
            tag("p", ["class": "try-hint", "id": "try-digest"])
        }
    }

    private var links: Markup {
        tag("div", ["class": "try-row try-links"]) {
            button("try-link", "Copy link")
            button("try-state", "Copy state")
            tag("span", ["class": "try-hint"]) {
                "The state is the end of the link, from # on: whoever has this file and that text sees "
                "the same."
            }
            tag("span", ["class": "try-hidden", "id": "try-copied", "role": "status"])
        }
    }

    private func scrolling(_ id: String, _ name: String) -> Markup {
        tag("pre", ["id": id, "role": "region", "aria-label": name, "tabindex": "0"])
    }
}
