// A JSON object that carries the digest of its own content. A file that parses is not yet true: one
// digit changed by a failing disk, or by hand, leaves sound JSON that says something else.

import Formats

extension JSON {
    private static let ownDigest = "self"

    /// This object with the digest of all its other members under `self`.
    func addingOwnDigest() -> JSON {
        guard var members = object else { return self }
        members[JSON.ownDigest] = .string(Digest(of: canonical).hex)
        return .object(members)
    }

    /// The object without its own digest; nil when it has none, or another than its content's.
    func checkedByOwnDigest() -> JSON? {
        guard var members = object, let own = members.removeValue(forKey: JSON.ownDigest),
            own.string == Digest(of: JSON.object(members).canonical).hex
        else { return nil }
        return .object(members)
    }
}
