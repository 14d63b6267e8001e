import TransferStage

TransferStage.main()
