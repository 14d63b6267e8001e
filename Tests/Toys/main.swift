// One program for all toys: the name that it is called by chooses, as `stage-train` or
// `pipeline-tool`. The environment can make it die, or fail like a full disk, at a chosen change of
// the disk: TOY_DIE_AT=7 and TOY_FULL_AT=7 take the seventh. So does TOY_FAULT_AT, where TOY_FAULT
// says what happens: a number of errno, or -2 for a signal of number 2. TOY_STEPS names a file that
// grows by a byte at each.

import Artifacts
import Glibc
import PipelineTool
import StageKit
import Synchronization

enum Toys: StageList {
    static var stages: [any Stage.Type] {
        [
            ToyFetch.self,
            ToyTrain.self,
            ToySample.self,
            ToyAttack.self,
            ToyTransfer.self,
            ToyVisualize.self,
        ]
    }
}

let steps = Mutex(0)
let dieAt = Toy.setting("TOY_DIE_AT").flatMap { Int($0) }
let fullAt = Toy.setting("TOY_FULL_AT").flatMap { Int($0) }
let faultAt = Toy.setting("TOY_FAULT_AT").flatMap { Int($0) }
let stepsFile = Toy.setting("TOY_STEPS")
let fault = Toy.setting("TOY_FAULT").flatMap { Int32($0) } ?? EIO

@Sendable func step(_ name: String) throws {
    let count = steps.withLock {
        $0 += 1
        return $0
    }
    if let stepsFile {
        let file = open(stepsFile, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        _ = write(file, ".", 1)
        close(file)
    }
    if count == dieAt { kill(getpid(), SIGKILL) }
    if count == fullAt {
        throw StoreFault.system(path: "artifacts", action: name, code: ENOSPC)
    }
    if count == faultAt {
        guard fault < 0 else {
            throw StoreFault.system(path: "artifacts", action: name, code: fault)
        }
        kill(getpid(), -fault)
    }
}

Disk.$step.withValue(step) {
    let name = CommandLine.arguments.first?.split(separator: "/").last ?? ""
    if let stage = Toys.stages.first(where: { "stage-\($0.kind)" == name }) {
        stage.main()
    } else {
        PipelineCommand<Toys>.main()
    }
}
