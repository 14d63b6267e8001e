// The controls of "Try it": the picture and the attack that are tried, as parts of a form. Those that a choice
// has no use for are hidden by the scripts, which also fill the lists.

extension Page {
    /// The picture: one of the stored ones or a drawing.
    var pictureControls: Markup {
        tag("fieldset", ["class": "try-part"]) {
            tag("legend") { "The picture" }
            tag("div", ["class": "try-modes", "id": "try-modes"]) {
                choice("try-mode", "stored", "Choose one", isChecked: true)
                choice("try-mode", "drawn", "Draw one", isChecked: false)
            }
            tag("div", ["id": "try-stored"]) {
                tag(
                    "div",
                    [
                        "id": "try-digits", "class": "try-digits", "role": "listbox",
                        "aria-label": "Stored test images",
                    ])
                tag("p", ["class": "try-hint", "id": "try-stored-hint"])
            }
            tag("div", ["id": "try-drawn", "hidden": "hidden"]) {
                tag("div", ["class": "try-pads"]) {
                    tag(
                        "canvas",
                        [
                            "id": "try-pad", "width": "280", "height": "280", "tabindex": "0",
                            "role": "application", "aria-label": "Drawing pad",
                            "aria-describedby": "try-pad-help",
                        ])
                    tag("div", ["class": "try-seen"]) {
                        tag(
                            "canvas",
                            ["id": "try-seen", "role": "img", "aria-label": "Nothing drawn yet"])
                        tag("p", ["class": "try-hint"]) { "What the network gets" }
                    }
                }
                tag("div", ["class": "try-row"]) {
                    button("try-undo", "Undo")
                    button("try-clear", "Clear")
                    tag("span", ["class": "try-row"]) {
                        label("try-label", "It is")
                        tag("select", ["id": "try-label"])
                    }
                }
                tag("p", ["class": "try-hint", "id": "try-pad-help"]) {
                    "Draw with mouse, finger or pen. By keyboard: arrow keys move the brush, the space "
                    "bar sets it down and lifts it, Backspace takes a stroke back."
                }
                tag("p", ["class": "try-hidden", "id": "try-pad-status", "role": "status"])
            }
        }
    }

    /// Network, attack, goal and strength; those that an attack does not have are hidden.
    var attackControls: Markup {
        tag("fieldset", ["class": "try-part"]) {
            tag("legend") { "The attack" }
            field("try-network", "Network") { tag("select", ["id": "try-network"]) }
            tag("p", ["class": "try-hint", "id": "try-network-why", "hidden": "hidden"])
            field("try-method", "Attack") { tag("select", ["id": "try-method"]) }
            tag("p", ["class": "try-hint", "id": "try-gist"])
            field("try-norm", "Size measured in") { tag("select", ["id": "try-norm"]) }
            field("try-target", "Goal") { tag("select", ["id": "try-target"]) }
            tag("div", ["id": "try-strength", "class": "try-strength"]) {
                tag("div", ["class": "try-row"]) {
                    tag("label", ["for": "try-epsilon", "id": "try-epsilon-label"]) { "Strength ε" }
                    tag(
                        "input",
                        [
                            "id": "try-epsilon-number", "type": "number", "min": "0", "step": "any",
                            "inputmode": "decimal", "aria-label": "Strength ε as a number",
                        ])
                }
                tag("div", ["class": "try-slider"]) {
                    tag("input", ["id": "try-epsilon", "type": "range", "min": "0"])
                    tag("span", ["id": "try-mark", "class": "try-mark", "hidden": "hidden"])
                }
                tag("p", ["class": "try-row try-flip"]) {
                    tag("span", ["id": "try-flip"])
                    button("try-flip-go", "Go there", isHidden: true)
                }
            }
            tag("div", ["id": "try-noise", "class": "try-noise"]) {
                field("try-regularization", "Penalty on the noise") {
                    tag("select", ["id": "try-regularization"]) {
                        for (value, words) in [
                            ("none", "none"), ("l1", "mean |r|"), ("l2", "mean r²"),
                        ] {
                            tag("option", ["value": value]) { words }
                        }
                    }
                }
                number("try-step_size", "Step size", least: "1e-9", most: "1000")
                number("try-max_steps", "Steps at most", least: "1", most: "10000")
            }
        }
    }

    // MARK: Parts of a form

    private func choice(_ name: String, _ value: String, _ words: String, isChecked: Bool) -> Markup
    {
        tag("label") {
            tag(
                "input",
                [
                    "type": "radio", "name": name, "value": value,
                    "checked": isChecked ? "checked" : nil,
                ])
            tag("span") { words }
        }
    }

    private func label(_ id: String, _ words: String) -> Markup {
        tag("label", ["for": id]) { words }
    }

    private func field(
        _ id: String, _ words: String, @MarkupBuilder _ control: () -> [Markup]
    ) -> Markup {
        tag("div", ["class": "try-field", "id": "\(id)-field"]) {
            label(id, words)
            group(control)
        }
    }

    private func number(_ id: String, _ words: String, least: String, most: String) -> Markup {
        field(id, words) {
            tag(
                "input",
                [
                    "id": id, "type": "number", "min": least, "max": most, "step": "any",
                    "inputmode": "decimal",
                ])
        }
    }

    /// A button that scripts listen to.
    func button(_ id: String, _ words: String, isHidden: Bool = false) -> Markup {
        tag("button", ["id": id, "type": "button", "hidden": isHidden ? "hidden" : nil]) { words }
    }
}
