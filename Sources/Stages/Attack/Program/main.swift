import AttackStage
import StageKit

StageCommand<AttackStage>.main()
