import Testing

@testable import Attacks
