// How a comparison counts, so that nobody has to guess.

extension PairedPage {
    /// Definitions and sources.
    var method: Markup? {
        group {
            paragraph {
                "An image is the same one on both sides if the name of its data set, its number there and its "
                "label are, and if every pixel is, bit by bit. The experiment of a side is what the records of "
                "its store say: their attacks, and all that these were made from. Networks belong together "
                "by name, or as the only ones that are left; norms by name, if ε means the same (space, mask, "
                "bounds of channels)."
            }
            paragraph {
                "What is said of all attacks together is said of one set of images, which on each side two "
                "attacks at least saw, or its only one. Of these sets it is the one on which most is shown: "
                "where the upper ends of Wilson’s intervals are lowest, on average over both sides and all "
                "budgets. An attack that saw a part of them adds what it found there. The budgets are those at which "
                "both sides have a result: given to an attack, or of one that looks for the least change; "
                "where both sides have only such attacks, the quartiles of A’s distances. What stands is "
                "an upper bound: a stronger attack may leave less."
            }
            paragraph {
                "The interval of a difference is Newcombe’s hybrid score interval for paired data (method 10). "
                "p is that of McNemar’s exact test, two-sided: of the images on which the sides differ, how "
                "often would so many or more fall to one side if a fair coin decided. The p of the tables is "
                "that of each test by itself: of twenty such tests one comes out below 0.05 by chance. The "
                "sentence at the top of the page counts what stays significant by Holm’s method, under which the "
                "probability of even one wrong verdict among all budgets of all attacks together is below "
                "5\u{202F}%."
            }
            paragraph {
                "A gate asks for each norm, network and budget whether A’s share less B’s is more than the limit, "
                "for all attacks of each side and for those that both ran. Equal to the limit is not more."
            }
            tag("ul", ["class": "sources"]) {
                for source in Self.sources { tag("li") { source } }
            }
        }
    }

    private static let sources = [
        "R. G. Newcombe: Improved confidence intervals for the difference between binomial proportions based on "
            + "paired data. Statistics in Medicine 17 (1998), 2635–2650.",
        "Q. McNemar: Note on the sampling error of the difference between correlated proportions or percentages. "
            + "Psychometrika 12 (1947), 153–157.",
        "S. Holm: A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6 "
            + "(1979), 65–70.",
        "E. B. Wilson: Probable inference, the law of succession, and statistical inference. Journal of the "
            + "American Statistical Association 22 (1927), 209–212.",
    ]
}
