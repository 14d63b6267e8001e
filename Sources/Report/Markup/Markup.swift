// Pages and drawings as trees. Text is text: it is escaped when the tree is written, always, so
// that no class name, file name or config value can ever become markup.

/// A piece of an HTML page or of an SVG drawing.
public indirect enum Markup: Sendable {
    /// Characters to be read as they are.
    case text(String)
    /// An element with its attributes, in the order given, and what it holds.
    case element(String, [Attribute], [Markup])
    /// Several pieces, one after the other.
    case group([Markup])
    /// The content of a `style` or `script` element, which HTML reads without escapes. Only the
    /// project's own resources go here, and data without a `<`.
    case verbatim(String)

    /// A name and its value, written in double quotes.
    public struct Attribute: Sendable {
        /// Such as `class` or `aria-label`.
        public let name: String
        /// The value before escaping.
        public let value: String
    }

    /// Nothing at all.
    public static let nothing = Markup.group([])
}

extension Markup: ExpressibleByStringInterpolation {
    /// Text, to be escaped.
    public init(stringLiteral value: String) { self = .text(value) }
}

/// Lets a closure list the pieces that an element holds; loops and conditions included.
@resultBuilder
public enum MarkupBuilder {
    /// A piece as it is.
    public static func buildExpression(_ piece: Markup) -> [Markup] { [piece] }
    /// Text, to be escaped.
    public static func buildExpression(_ text: String) -> [Markup] { [.text(text)] }
    /// Several pieces.
    public static func buildExpression(_ pieces: [Markup]) -> [Markup] { pieces }
    /// A piece that may be missing.
    public static func buildExpression(_ piece: Markup?) -> [Markup] { piece.map { [$0] } ?? [] }
    /// One after the other.
    public static func buildBlock(_ parts: [Markup]...) -> [Markup] { parts.flatMap { $0 } }
    /// An `if` without `else`.
    public static func buildOptional(_ part: [Markup]?) -> [Markup] { part ?? [] }
    /// The first branch.
    public static func buildEither(first part: [Markup]) -> [Markup] { part }
    /// The second branch.
    public static func buildEither(second part: [Markup]) -> [Markup] { part }
    /// A loop.
    public static func buildArray(_ parts: [[Markup]]) -> [Markup] { parts.flatMap { $0 } }
}

/// An element: `tag("p", ["class": "lead"]) { "Seven, " ; strong("or three?") }`.
///
/// An attribute whose value is nil is left out.
func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
    @MarkupBuilder _ content: () -> [Markup] = { [] }
) -> Markup {
    let kept = attributes.compactMap { name, value in
        value.map { Markup.Attribute(name: name, value: $0) }
    }
    return .element(name, kept, content())
}

/// The pieces that a closure lists, without an element around them.
func group(@MarkupBuilder _ content: () -> [Markup]) -> Markup { .group(content()) }

/// A paragraph.
func paragraph(_ className: String? = nil, @MarkupBuilder _ content: () -> [Markup]) -> Markup {
    tag("p", ["class": className], content)
}

/// Words of weight.
func strong(_ text: String) -> Markup { tag("strong") { text } }

/// Words said with stress, or a term met for the first time.
func stressed(_ text: String) -> Markup { tag("em") { text } }

/// The name of a file, a key or a command.
func code(_ text: String) -> Markup { tag("code") { text } }
