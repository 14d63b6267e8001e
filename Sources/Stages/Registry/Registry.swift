// The stages of Mirage: the one list of them. What there is to make, in which order, under which names
// and prefixes, and which programs there are, follows from it.

import AttackStage
import CompareStage
import FetchStage
import FitStage
import PipelineTool
import PredictStage
import SampleStage
import StageKit
import TrainStage
import TransferStage
import VisualizeStage

/// The stages of this package, makers before readers.
public enum Mirage: StageList {
    /// One line a stage.
    public static var stages: [any Stage.Type] {
        [
            FetchStage.self,
            FitStage.self,
            TrainStage.self,
            SampleStage.self,
            PredictStage.self,
            AttackStage.self,
            TransferStage.self,
            VisualizeStage.self,
        ]
    }

    /// Those that are nodes of no experiment, and so nothing that a pipeline has to know.
    public static var alone: [any Stage.Type] { [CompareStage<Mirage>.self] }
}
