import StageKit
import TransferStage

StageCommand<TransferStage>.main()
