import SampleStage
import StageKit

StageCommand<SampleStage>.main()
