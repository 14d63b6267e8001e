import AttackStage
attackMain()
