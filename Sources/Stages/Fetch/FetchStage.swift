public func fetchMain() { print(codeDigest) }
