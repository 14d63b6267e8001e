public func visualizeMain() { print(codeDigest) }
