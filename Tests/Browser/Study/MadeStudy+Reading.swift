// What the store says, for comparison with what the page says.

import Formats
import Foundation

extension MadeStudy {
    /// A file of the store as the safetensors file that it is: "attack/fgsm".
    func tensors(_ name: String) throws -> SafeTensors {
        try SafeTensors(MappedFile(store.appending(path: "\(name).safetensors").path))
    }

    /// The record of a node.
    func record(_ node: String) throws -> JSON {
        let file = store.appending(path: "records/\(node).json")
        return try JSON.parse([UInt8](Data(contentsOf: file)), named: node)
    }

    /// A copy of the page beside it, with something changed.
    func changed(_ name: String, _ change: (inout String) throws -> Void) throws -> URL {
        var html = try String(contentsOf: page, encoding: .utf8)
        try change(&html)
        let copy = root.appending(path: "\(name).html")
        try Data(html.utf8).write(to: copy)
        return copy
    }
}
