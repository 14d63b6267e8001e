import PredictStage

PredictStage.main()
