// A network of the user's own, before any attack: how often it is right, and on which pixels.

extension Page {
    /// Clean accuracy and preprocessing; nil for a network whose pixels nobody had to find out.
    var ownNetwork: Markup? {
        guard let network = study.network, let pixels = network.pixels else { return nil }
        return group {
            accuracy(of: network)
            paragraph {
                "It reads its pixels as "
                strong(pixels.words)
                Self.reason(pixels.reason)
                " In numbers, its own normalisation included: of a pixel between 0 and 1, "
                Self.list(pixels.mean)
                " is subtracted, and the rest is divided by "
                Self.list(pixels.deviation)
                ". That is part of the network here, so that every attack works on pixels as a camera "
                "gives them, and every distance below is one between pictures."
            }
            tried(pixels)
            paragraph {
                "What follows counts only pictures on which the network was right to begin with. A share "
                "“fooled within ε” means: for so many of them somebody who knows the network finds a "
                "change of size ε or less, after which the answer is wrong; how size is measured, and "
                "how it looks, each attack shows. It is a lower bound: a stronger attack may find more, "
                "and none finds fewer."
            }
        }
    }

    private func accuracy(of network: NetworkFacts) -> Markup {
        paragraph {
            if let test = network.test {
                "Before any attack the network "
                strong(network.architecture)
                " is right on "
                strong("\(Numerals.whole(test.correct)) of \(Numerals.whole(test.count))")
                " of these pictures: \(Numerals.percent(test.accuracy, 2))."
                " If that is less than you know of it, look first at the pixels and at the order of the "
                "classes: everything below would be about another network."
            } else {
                "None of the pictures has a label, so that nobody can tell how often the network "
                strong(network.architecture)
                " is right. Its own first answer is taken for the truth below."
            }
        }
    }

    private static func reason(_ reason: String) -> String {
        switch reason {
        case "given": ", as it was told."
        case "graph": ", as its own first layer says."
        default: ", the best of those that were tried, and clearly so."
        }
    }

    private static func list(_ numbers: [Double]) -> String {
        Set(numbers).count == 1
            ? Numerals.significant(numbers[0])
            : numbers.map { Numerals.significant($0) }.joined(separator: ", ")
    }

    private func tried(_ pixels: PixelFacts) -> Markup {
        guard !pixels.tried.isEmpty else { return .nothing }
        return table(
            "Each way to read the pixels, and how often the network was right with it. A way is taken "
                + "only if it is ahead of every other by more than chance would bring about.",
            head: ["Pixels", "Right", "Of", "Share"],
            rows: pixels.tried.map { words, correct, count in
                [
                    words, Numerals.whole(correct), Numerals.whole(count),
                    Numerals.percent(count > 0 ? Double(correct) / Double(count) : nil, 1),
                ]
            })
    }
}
