import AttackManual
import AttackStage
import Foundation
import StageKit

// What is asked about attacks is answered by their manual, which is no part of the stage.
switch AttackManual.answer(Array(CommandLine.arguments.dropFirst())) {
case .page(let page): Log.say(page)
case .unknown(let message):
    Log.complain("stage-attack: \(message)")
    exit(64)
case nil: AttackStage.main()
}
