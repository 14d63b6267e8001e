public func sampleMain() { print(codeDigest) }
