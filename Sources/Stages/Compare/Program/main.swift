import CompareStage

CompareStage.main()
