// A fault is one line and an exit code, whoever throws it.

import Faults
import Testing

@Suite struct FaultTests {
    private struct Plain: Fault {
        var message: String { "the file is odd" }
    }

    private struct Full: Fault {
        var code: FaultCode { .missingInput }
        var message: String { "the file is not there" }
        var remedy: String? { "`make all` makes it" }
    }

    @Test func aFaultIsOneLine() {
        #expect("\(Plain())" == "the file is odd")
        #expect("\(Full())" == "the file is not there; `make all` makes it")
    }

    @Test func aFaultHasTheCodeOfItsType() {
        let faults: [any Fault] = [Plain(), Full()]
        #expect(faults.map(\.code.rawValue) == [65, 66])
        // As a program sees it: an error of no known type.
        let error: any Error = Full()
        #expect((error as? any Fault)?.code == .missingInput)
    }
}
