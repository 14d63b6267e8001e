import StageKit
import TrainStage

StageCommand<TrainStage>.main()
