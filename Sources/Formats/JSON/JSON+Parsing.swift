// Text to `JSON`, by json-c in strict mode behind `JSONScanner`. Refused: trailing bytes, NaN and
// infinities, repeated keys, integers beyond 64 bits, bytes that are not UTF-8, deep nesting.

import CJSON

extension JSON {
    /// How deep arrays and objects may nest.
    public static let depthLimit = 64

    /// Parses a whole text as one value.
    /// - Parameters:
    ///   - bytes: UTF-8 text.
    ///   - named: the file's name, for messages.
    ///   - comments: whether `//` and `/* */` are allowed outside strings, as in configs.
    /// - Returns: the value.
    /// - Throws: `FormatFault.json` with the line and column of the first fault.
    public static func parse(_ bytes: [UInt8], named: String, comments: Bool = false) throws -> JSON
    {
        do throws(JSONScanner.Failure) {
            return try parse(bytes, comments: comments)
        } catch {
            let (line, column) = position(of: error.offset, in: bytes)
            throw FormatFault.json(file: named, line: line, column: column, error.problem)
        }
    }

    /// Parses a string; see `parse(_:named:comments:)` for bytes.
    public static func parse(_ text: String, named: String, comments: Bool = false) throws -> JSON {
        try parse(Array(text.utf8), named: named, comments: comments)
    }

    private static func parse(_ bytes: [UInt8], comments: Bool) throws(JSONScanner.Failure) -> JSON
    {
        guard bytes.count <= 1 << 30 else {
            throw JSONScanner.Failure(offset: 0, problem: .tooLarge(bytes: bytes.count))
        }
        let repaired = String(decoding: bytes, as: UTF8.self).utf8
        if !repaired.elementsEqual(bytes) {
            let offset = zip(repaired, bytes).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1
            }
            throw JSONScanner.Failure(offset: offset, problem: .notUTF8)
        }
        var scanner = JSONScanner(bytes, comments: comments, depthLimit: depthLimit)
        try scanner.scan()

        // json-c counts scalars as a level of their own, hence one more.
        guard let tokener = json_tokener_new_ex(Int32(depthLimit + 1)) else {
            throw JSONScanner.Failure(offset: 0, problem: .syntax("out of memory"))
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
        // The final NUL tells json-c that the text is over, which ends a number at the top level.
        let root = (scanner.bytes + [0]).withUnsafeBytes { text in
            json_tokener_parse_ex(
                tokener, text.assumingMemoryBound(to: CChar.self).baseAddress, Int32(text.count))
        }
        defer { json_object_put(root) }
        let outcome = json_tokener_get_error(tokener)
        let end = json_tokener_get_parse_end(tokener)
        guard outcome == json_tokener_success else {
            if outcome == json_tokener_continue || end >= bytes.count {
                let isEmpty = scanner.bytes.allSatisfy { $0 <= 0x20 }
                throw JSONScanner.Failure(
                    offset: bytes.count, problem: isEmpty ? .empty : .incomplete)
            }
            throw JSONScanner.Failure(
                offset: end, problem: .syntax(String(cString: json_tokener_error_desc(outcome))))
        }
        var keys = 0
        guard let value = JSON(root, keys: &keys) else {
            throw JSONScanner.Failure(offset: 0, problem: .numberOutOfRange)
        }
        // "a" and "\u0061" are one key to json-c, which keeps the last value only.
        guard keys == scanner.keys else {
            throw JSONScanner.Failure(offset: 0, problem: .duplicateKey(nil))
        }
        return value
    }

    /// Copies a json-c tree, counting its keys; nil when a number is not finite.
    private init?(_ node: OpaquePointer?, keys: inout Int) {
        switch json_object_get_type(node) {
        case json_type_boolean: self = .bool(json_object_get_boolean(node) != 0)
        case json_type_int: self = .integer(json_object_get_int64(node))
        case json_type_double:
            let value = json_object_get_double(node)
            guard value.isFinite else { return nil }
            self = .number(value)
        case json_type_string:
            let text = UnsafeRawBufferPointer(
                start: json_object_get_string(node), count: Int(json_object_get_string_len(node)))
            self = .string(String(decoding: text, as: UTF8.self))
        case json_type_array:
            var items: [JSON] = []
            for index in 0..<json_object_array_length(node) {
                guard let item = JSON(json_object_array_get_idx(node, index), keys: &keys) else {
                    return nil
                }
                items.append(item)
            }
            self = .array(items)
        case json_type_object:
            var members: [String: JSON] = [:]
            var cursor = json_object_iter_begin(node)
            var end = json_object_iter_end(node)
            while json_object_iter_equal(&cursor, &end) == 0 {
                guard let name = json_object_iter_peek_name(&cursor),
                    let member = JSON(json_object_iter_peek_value(&cursor), keys: &keys)
                else { return nil }
                members[String(cString: name)] = member
                json_object_iter_next(&cursor)
            }
            keys += members.count
            self = .object(members)
        default: self = .null
        }
    }

    /// Line and column of a byte offset, both from 1; columns count characters, not bytes.
    static func position(
        of offset: Int, in bytes: some BidirectionalCollection<UInt8>
    ) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { before.index(after: $0) }
        return (
            line,
            String(decoding: before[(start ?? before.startIndex)...], as: UTF8.self).unicodeScalars
                .count + 1
        )
    }
}
