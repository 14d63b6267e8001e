// embed-texts OUTPUT NAME FILE…: writes a Swift source that holds the texts of the files, by their names, as a
// constant of that name. Run by the plugins EmbedCards and EmbedResources, never by hand.

import PluginFiles

/// A Swift literal of any text: what Swift would read otherwise is written as a code point.
func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case _ where scalar.value < 32: result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("usage: embed-texts OUTPUT NAME FILE...") }
let entries = arguments[3...].map { path in
    let name = String(path.split(separator: "/").last ?? "")
    return "    (\(literal(name)), \(literal(String(decoding: contents(path), as: UTF8.self)))),\n"
}
let source = """
    /// Texts as they stand in their files, by file name.
    let \(arguments[2]): [(file: String, text: String)] = [
    \(entries.joined())]

    """
write(source, to: arguments[1])
