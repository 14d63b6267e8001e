import TrainStage
import StageKit

StageCommand<TrainStage>.main()
