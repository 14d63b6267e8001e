// The name that a user probably meant.

/// Guesses at slips of the keyboard.
public enum Spelling {
    /// The closest of `names` by edits (insert, drop, replace, swap two neighbours), if it is close
    /// enough to be a slip: at most a third of the word. Ties go to the first in the list.
    public static func nearest(to word: String, among names: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let ranked = names.map { (name: $0, edits: edits(Array(word), Array($0))) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits <= limit else {
            return nil
        }
        return best.name
    }

    /// The number of edits between two words (optimal string alignment).
    static func edits(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                var best = min(row[j] + 1, rows[i][j + 1] + 1, replaced)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
