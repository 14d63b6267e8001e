public func trainMain() { print(codeDigest) }
