import { workFunction } from '../../shared/engine/step-function.ts'
import { workflowOf } from './node-run.ts'

/** Begins a run of a workflow: it is there, and what it was given is what it asks for. */
export default workFunction('workflow-start', async (context, platform) => {
  const { nodes } = await workflowOf(context, platform)
  return { result: { nodes: nodes.length }, required: [] }
})
