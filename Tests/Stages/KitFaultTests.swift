// Whichever module throws, the user is given one line and an exit code of sysexits.

import Artifacts
import Attacks
import Datasets
import Faults
import Formats
import Networks
import StageKit
import Testing

@Suite struct KitFaultTests {
    private static let faults: [(any Error, FaultCode, String)] = [
        (FormatFault.notAFile(file: "a"), .badData, "a is not a regular file"),
        (FormatFault.system(file: "a", action: "open", code: 5), .inputOutput, "cannot open a: "),
        (ConfigFault.missing(key: "k", help: "h", file: "f"), .badData, "k: missing; "),
        (
            ConfigFault.unknown(
                key: "k", nearest: "l", known: [], file: ConfigFault.commandLine), .usage,
            "k: unknown key; did you mean l? (the command line)"
        ),
        (
            StoreFault.missing(name: "a", madeBy: "make b"), .missingInput,
            "a does not exist; `make b` makes it"
        ),
        (
            StoreFault.busy(what: "gc runs"), .tryAgain,
            "gc runs; wait until it has ended, then run the same command again"
        ),
        (StoreFault.system(path: "a", action: "write", code: 28), .inputOutput, "make room"),
        (
            DatasetFault.wrongClasses(file: "a"), .badData,
            "a: the metadata entry classes is not a list of names"
        ),
        (
            NetworkFault.wrongImages(architecture: "n", expected: [1], found: [2]), .badData,
            "n takes images of shape [1], found [2]"
        ),
        (
            AttackFault.takesNoEpsilons(attack: "a"), .badData,
            "a looks for the least perturbation by itself"
        ),
        (
            StageFault(.usage, "what.", remedy: "do"), .usage, "what; do"
        ),
        (CancellationError(), .software, "CancellationError"),
    ]

    @Test(arguments: faults.indices) func everyFaultHasItsCodeAndItsLine(_ index: Int) {
        let (error, code, words) = Self.faults[index]
        let fault = StageFault(error)
        #expect(fault.code == code)
        #expect(fault.description.contains(words), "\(fault)")
        #expect(!fault.description.hasSuffix(".") || error is ConfigFault, "\(fault)")
    }

    @Test func aPlaceCanBeAdded() {
        let fault = StageFault(AttackFault.needsEpsilons(attack: "pgd"), in: "attack-a.json")
        #expect(fault.description.hasPrefix("attack-a.json: pgd needs at least one epsilon"))
        #expect(fault.code == .badData)
    }
}
