public func attackMain() { print(codeDigest) }
