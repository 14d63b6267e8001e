import FetchStage
fetchMain()
