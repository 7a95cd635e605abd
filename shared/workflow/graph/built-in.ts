import type { WorkflowDefinition } from '../definition/workflow-definition.ts'

export const DATA_PIPELINE_ID = 'data_pipeline'

/** The four steps as a workflow: what a copy of `data_pipeline` begins with. Each hands its pairs to the next. */
export const DATA_PIPELINE: WorkflowDefinition = {
  name: 'data_pipeline',
  description: 'From a business database to validated text-to-SQL training data',
  inputs: [],
  nodes: [
    { name: 'ddl_generation', node: 'ddl_generation' },
    { name: 'qa_generation', node: 'qa_generation', needs: ['ddl_generation'] },
    { name: 'sql_validation', node: 'sql_validation', inputs: { pairs: '{{ nodes.qa_generation.outputs.pairs }}' } },
    { name: 'training_load', node: 'training_load', inputs: { pairs: '{{ nodes.sql_validation.outputs.pairs }}' } },
  ],
}
