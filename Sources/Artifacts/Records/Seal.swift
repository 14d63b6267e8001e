// A JSON object that carries the digest of its own content. A file that parses is not yet true: one
// digit changed by a failing disk, or by hand, leaves sound JSON that says something else.

import Formats

extension JSON {
    private static let seal = "self"

    /// This object with the digest of all its other members under `self`.
    func sealed() -> JSON {
        guard var members = object else { return self }
        members[JSON.seal] = .string(Digest(of: canonical).hex)
        return .object(members)
    }

    /// The object without its seal; nil when it has none, or one that is not its content's.
    func unsealed() -> JSON? {
        guard var members = object, let seal = members.removeValue(forKey: JSON.seal),
            seal.string == Digest(of: JSON.object(members).canonical).hex
        else { return nil }
        return .object(members)
    }
}
