import SampleStage

SampleStage.main()
