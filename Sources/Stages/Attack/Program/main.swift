import AttackStage

AttackStage.main()
