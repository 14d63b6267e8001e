import VisualizeStage
visualizeMain()
