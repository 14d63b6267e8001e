import SampleStage
sampleMain()
