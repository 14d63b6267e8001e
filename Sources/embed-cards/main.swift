// embed-cards OUTPUT FILE…: writes a Swift source that holds the texts of the files, by name. Run by
// the EmbedCards plugin, never by hand.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

func fail(_ message: String) -> Never {
    let line = Array("embed-cards: \(message)\n".utf8)
    _ = write(2, line, line.count)
    exit(74)
}

func contents(_ path: String) -> String {
    guard let file = fopen(path, "rb") else { fail("cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&block, 1, block.count, file)
        if count == 0 { break }
        bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

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
guard arguments.count >= 2 else { fail("usage: embed-cards OUTPUT FILE...") }
let entries = arguments[2...].map { path in
    let name = String(path.split(separator: "/").last ?? "")
    return "    (\(literal(name)), \(literal(contents(path)))),\n"
}
let source = """
    /// The cards of the attacks as they stand in their files, by file name.
    let embeddedCards: [(file: String, text: String)] = [
    \(entries.joined())]

    """
// What has not changed is left alone, and so is all that is compiled from it.
if access(arguments[1], R_OK) == 0 && contents(arguments[1]) == source { exit(0) }
guard let file = fopen(arguments[1], "wb") else { fail("cannot write \(arguments[1])") }
fputs(source, file)
fclose(file)
