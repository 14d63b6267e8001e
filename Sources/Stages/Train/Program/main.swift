import TrainStage

TrainStage.main()
