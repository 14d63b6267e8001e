import StageKit
import VisualizeStage

StageCommand<VisualizeStage>.main()
