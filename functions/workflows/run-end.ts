import type { PlannedWorkflow } from '../../shared/engine/planned-workflow.ts'
import type { StepContext } from '../../shared/engine/step-context.ts'
import { workFunction } from '../../shared/engine/step-function.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { PROBLEMS, type ProblemCode } from '../../shared/platform/problems.ts'
import { resolveOutputs } from '../../shared/workflow/graph/plan.ts'
import { rollBackAfterFailure } from '../../shared/workflow/snapshots/roll-back-after-failure.ts'
import { ended, scopeOf, workflowOf } from './node-run.ts'

/** Ends a run of a workflow: gathers what it answers, or sees to a version that has failed. */
export default workFunction('workflow-end', async (context, platform) => {
  const { task } = context
  const { workflow } = task.parameters
  if (workflow !== undefined && (task.errorCode !== null || Object.values(task.stepStatus).includes('failed'))) {
    await rollBackIfNew(context, platform, workflow)
    return { result: {}, required: [] }
  }
  const definition = await workflowOf(context, platform)
  const names = definition.nodes.map(({ name }) => name)
  return await ended(context, resolveOutputs(definition, await scopeOf(context, platform, names)))
})

// By the index on workflows' tasks.
const HAS_COMPLETED = `
  select exists (
    select from data_pipeline_tasks
     where workflow_id = $1 and workflow_id <> 'data_pipeline' and workflow_version = $2 and status = 'completed'
  ) as completed`

/** A version that has never come to its end is taken back; one that has is not to blame for a database that is away. */
async function rollBackIfNew(
  context: StepContext,
  platform: Platform,
  { id, version }: PlannedWorkflow,
): Promise<void> {
  const { task } = context
  const passing = task.errorCode !== null && isPassing(task.errorCode)
  const { rows } = await platform.store.query<{ completed: boolean }>(HAS_COMPLETED, [id, version])
  if (passing || rows[0]?.completed === true) return
  const reason = `${task.id}: ${task.errorMessage ?? 'a node has failed'}`
  const answer = await rollBackAfterFailure(platform, id, version, 'run_failed', { reason, language: context.language })
  if (answer.kind !== 'rolled-back') return
  const { version: toVersion } = answer.rollback.workflow
  context.log('WARNING', {
    zh: `工作流 ${id} 的版本 ${version} 从未成功运行，已自动回滚为版本 ${toVersion}`,
    en: `Version ${version} of the workflow ${id} has never run to its end; rolled back as version ${toVersion}`,
  })
}

function isPassing(code: string): boolean {
  return code in PROBLEMS && PROBLEMS[code as ProblemCode].retryable
}
