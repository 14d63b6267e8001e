import PipelineTool
import StageRegistry

PipelineCommand<Mirage>.main()
