import FetchStage

FetchStage.main()
