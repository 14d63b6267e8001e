// What a run reports are facts; its stage puts them in words, outside the digest of the code.

import AttackStage
import FetchStage
import Formats
import StageKit
import Testing
import TrainStage

@Suite struct StageLineTests {
    private static let lines: [(stage: any Stage.Type, event: JSON, line: String?)] = [
        (
            TrainStage.self,
            [
                "epoch": [
                    "epoch": 2, "learning_rate": 0.1, "train_loss": 0.123456,
                    "train_accuracy": 0.97, "test_loss": 0.25, "test_accuracy": 0.9612,
                ], "of": 10,
            ],
            "epoch 2 of 10: loss 0.1235, accuracy 97.00 %; test loss 0.2500, accuracy 96.12 %"
        ),
        (
            AttackStage.self, ["eligible": 980, "seconds": 1.25],
            "980 images attacked and judged in 1.250 s"
        ),
        (
            FetchStage.self, ["asking": "https://a/", "for": "t10k.gz"],
            "t10k.gz: asking https://a/"
        ),
        (
            FetchStage.self, ["asking": "pip", "for": "foolbox==3.3.4"],
            "asking pip for foolbox==3.3.4"
        ),
        (
            FetchStage.self, ["remark": "a colour profile", "pictures": 2, "of": 20],
            "2 of 20 pictures: a colour profile"
        ),
        (
            FetchStage.self, ["folder": "mine", "others": "1 × .txt"],
            "mine: passed over are 1 × .txt"
        ),
        (FetchStage.self, ["other": 1], nil), (TrainStage.self, [:], nil),
        (AttackStage.self, [:], nil),
    ]

    @Test(arguments: lines.indices) func eventsBecomeLines(_ index: Int) {
        let (stage, event, line) = Self.lines[index]
        #expect(stage.line(of: event) == line)
    }
}
