// A config of a record in words.

import Formats
import Report

/// A config as keys and readable values, sorted by key; keys without a value are left out.
package func settings(from config: JSON) -> [(key: String, value: String)] {
    func text(_ key: String, _ json: JSON) -> String {
        if let string = json.string { return string }
        if key == "channel_bounds", let pairs = json.array {
            let ends = pairs.map { ($0.array ?? []).map { text("", $0) } }
            return ends.map { $0.joined(separator: "…") }.joined(separator: ", ")
        }
        if let list = json.array { return list.map { text(key, $0) }.joined(separator: ", ") }
        if let flag = json.bool { return flag ? "yes" : "no" }
        let number = key == "epsilons" ? Numerals.epsilon : Numerals.setting
        return json.double.map(number) ?? json.canonical
    }
    return (config.object ?? [:]).sorted { $0.key < $1.key }.filter { !$0.value.isNull }
        .map { ($0.key, text($0.key, $0.value)) }
}
