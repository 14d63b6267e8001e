import VisualizeStage

VisualizeStage.main()
