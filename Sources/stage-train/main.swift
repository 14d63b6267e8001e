import TrainStage
trainMain()
