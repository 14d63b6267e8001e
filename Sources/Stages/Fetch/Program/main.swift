import FetchStage
import StageKit

StageCommand<FetchStage>.main()
