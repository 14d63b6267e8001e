// A small archive as Python's zipfile writes it, in base64.

import Foundation

enum ZipFixture {
    /// `a/stored.txt` ("plain words", stored) and `a/packed.bin` (bytes 0…9 a hundred times over,
    /// deflated).
    static let bytes = [UInt8](
        Data(
            base64Encoded:
                "UEsDBBQAAAAAAAAAIVCJ8rixCwAAAAsAAAAMAAAAYS9zdG9yZWQudHh0cGxhaW4gd29yZHNQSwMEFAAAAAgA"
                + "AAAhUPIB0dIVAAAA6AMAAAwAAABhL3BhY2tlZC5iaW5jYGRiZmFlY+fgZBhljbJGWcOUBQBQSwECFAMUAAAA"
                + "AAAAACFQifK4sQsAAAALAAAADAAAAAAAAAAAAAAAgAEAAAAAYS9zdG9yZWQudHh0UEsBAhQDFAAAAAgAAAAh"
                + "UPIB0dIVAAAA6AMAAAwAAAAAAAAAAAAAAIABNQAAAGEvcGFja2VkLmJpblBLBQYAAAAAAgACAHQAAAB0AAAA"
                + "AAA="
        ) ?? Data())
}
