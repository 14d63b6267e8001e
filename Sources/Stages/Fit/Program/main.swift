// `stage-fit`: everything it does is in the library.

import FitStage

FitStage.main()
