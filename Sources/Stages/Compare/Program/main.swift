import CompareStage
import StageRegistry

CompareStage<Mirage>.main()
