// The words about one attack, as its card has them.
//
// A card is a Markdown file, `Sources/Attacks/Catalogue/<Type>.md`, that reads well by itself and is
// strict enough to be read by `CardParser`:
//
//     # Projected gradient descent
//
//     Many small steps from a random start, each projected onto the ball.
//
//     - Name: `pgd`                                        the attack's name in a config
//     - Short: PGD                                         for tables
//     - Title when targeted: …                             none or more; so `Short when …`
//     - Setting `share` when `norm` is `l1`                none or more: settings without a part in all runs
//     - Family: gradient steps within a budget             one of `AttackCard.Family`
//     - Paper: A, B, 2018: [Its title](https://…)          one or more, the method's own first; or none
//     - Checks: many steps                                 one of `AttackCard.Check`
//     - Random: yes                                        whether it draws, as the Swift file says
//
//     ## In plain words
//
//     Paragraphs, and items such as
//
//     - When `norm` is `l2` and untargeted: told of such a run alone, with {steps} of them.
//
//     ## Formula                                           left out where there is none
//
//     - When targeted: *x′* ← *x* − ∇[*x*] *L*
//       Spoken: x prime becomes x minus the gradient of L
//     - Always: …                                          the first item that is true counts
//
//     ## Notes                                             left out where the attack notes nothing
//
//     - `winner`: the part that broke the image
//       - 0: `apgd-ce`                                     what its values stand for, from 0
//
//     ## Method
//
//     The long explanation: any Markdown.

/// The words about an attack: what it is called, where it is from, how it works.
public struct AttackCard: Equatable, Sendable {
    /// The file in `Sources/Attacks/Catalogue`: `PGD.md`.
    public let file: String
    /// The name in a config: `pgd`.
    public let name: String
    /// A heading: `Projected gradient descent`.
    public let title: String
    /// A name short enough for a table: `PGD`.
    public let short: String
    /// Headings and short names for runs of some kinds; the first that is true counts.
    public let titles: [CardItem<String>], shorts: [CardItem<String>]
    /// Settings that have a part in some runs only, and in which; others have a part in all.
    public let uses: [CardItem<String>]
    /// What it does, in a sentence.
    public let summary: String
    /// What it is grouped with.
    public let family: Family
    /// Where it is from, the method's own paper first; none for one that has no paper.
    public let papers: [Paper]
    /// How it is used in the checks of an evaluation.
    public let check: Check
    /// Whether it draws at random.
    public let isRandom: Bool
    /// How it works, for a reader without mathematics.
    public let plainWords: [CardItem<CardSentence>]
    /// The step as a formula; of several the first that is true of a run counts.
    public let formulas: [CardItem<CardFormula>]
    /// The numbers that it stores of each image.
    public let notes: [NoteMeaning]
    /// The method in full and what differs from others, as Markdown.
    public let method: String

    /// What attacks have in common. The order is that of the catalogue.
    public enum Family: String, CaseIterable, Sendable {
        /// FGSM and what grew out of it.
        case gradientSteps = "gradient steps within a budget"
        /// Those that look for the nearest adversarial image.
        case leastChange = "the least change, by gradients"
        /// Those that see logits, and no gradients.
        case scores = "scores alone"
        /// Those that see classes, and nothing else.
        case decisions = "decisions alone"
        /// Those that run others.
        case compound = "several attacks in one"
        /// One change for all images, and changes that no norm measures well.
        case other = "other kinds of change"
        /// What an attack has to beat.
        case noise = "noise that knows no network"
    }

    /// What the checks of an evaluation expect of an attack, beyond what they expect of all.
    public enum Check: String, CaseIterable, Sendable {
        /// No more than what many steps find; not expected to turn every image, whatever its budget.
        case oneStep = "one step"
        /// At least what one step finds.
        case manySteps = "many steps"
        /// Less than half of what attacks of the same budget find.
        case noise = "noise"
        /// It has no ε, and yet a bound, so that it need not turn every image.
        case bounded = "bounded"
        /// Nothing more.
        case general = "general"
    }

    /// A paper.
    public struct Paper: Equatable, Sendable {
        /// Family names, in the paper's order.
        public let authors: [String]
        /// The year that it is cited by.
        public let year: Int
        /// Its title.
        public let title: String
        /// Its address.
        public let link: String

        /// `Madry 2018`: how a line of a table cites it.
        public var citation: String { "\(authors.first ?? "") \(year)" }
    }

    /// A number that an attack stores of each image, `extra.<name>` of its artifact.
    public struct NoteMeaning: Equatable, Sendable {
        /// Its name there.
        public let name: String
        /// What it says.
        public let meaning: String
        /// What the values 0, 1, … stand for; none for plain numbers.
        public let values: [String]
    }
}

extension AttackCard {
    /// The heading for a run.
    public func title(of run: CardRun) -> String {
        titles.first { $0.isTrue(of: run) }?.value ?? title
    }

    /// The short name for a run; nil where no special one is true of it.
    public func specialShort(of run: CardRun) -> String? {
        shorts.first { $0.isTrue(of: run) }?.value
    }

    /// Whether a setting of the attack has a part in a run.
    public func uses(_ key: String, in run: CardRun) -> Bool {
        uses.first { $0.value == key }?.isTrue(of: run) ?? true
    }

    /// How the attack worked in a run. A sentence with a value that the run does not have is left out.
    public func plainWords(of run: CardRun) -> String {
        plainWords.filter { $0.isTrue(of: run) }.compactMap { $0.value.text(of: run) }
            .joined(separator: " ")
    }

    /// The formula of a run; nil where none is true of it.
    public func formula(of run: CardRun) -> CardFormula? {
        formulas.first { $0.isTrue(of: run) }?.value
    }

    /// ` (Wong 2020; Tramèr 2018)`, or nothing.
    public var citations: String {
        papers.isEmpty ? "" : " (" + papers.map(\.citation).joined(separator: "; ") + ")"
    }
}
