import PredictStage
import StageKit

StageCommand<PredictStage>.main()
