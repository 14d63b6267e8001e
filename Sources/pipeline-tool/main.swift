import AttackStage
import FetchStage
import PipelineTool
import SampleStage
import StageKit
import TrainStage
import VisualizeStage

enum Mirage: StageList {
    static var stages: [any Stage.Type] {
        [FetchStage.self, TrainStage.self, SampleStage.self, AttackStage.self, VisualizeStage.self]
    }
}

PipelineCommand<Mirage>.main()
