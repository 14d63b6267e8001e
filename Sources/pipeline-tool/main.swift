import AttackStage
import FetchStage
import PipelineTool
import PredictStage
import SampleStage
import StageKit
import TrainStage
import TransferStage
import VisualizeStage

enum Mirage: StageList {
    static var stages: [any Stage.Type] {
        [
            FetchStage.self, TrainStage.self, SampleStage.self, PredictStage.self,
            AttackStage.self, TransferStage.self, VisualizeStage.self,
        ]
    }
}

PipelineCommand<Mirage>.main()
