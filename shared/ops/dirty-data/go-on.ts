import { type Execution, findActiveExecution } from '../../engine/execution.ts'
import { sendMessages } from '../../engine/messages.ts'
import { lockSchedule } from '../../engine/schedule.ts'
import { resumeTask } from '../../engine/start-run.ts'
import { lockTask, type Task } from '../../engine/task.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { latestOf, readRows } from './picture.ts'

/** What a repair has left of a task to be gone on with. */
export type LeftToDo =
  /** The task rests as it did before, or somebody has taken it further. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'due'; readonly steps: ReadonlySet<string> }
  /** The step was undone as often as it may be tried: a person has to look why it goes on losing what it writes. */
  | { readonly kind: 'spent'; readonly step: string; readonly times: number }

// The newest clean-up by the repair that moved the task's row, as long as the row is as it was left.
const LATEST_REPAIR = `
  select (r.before_image::data_pipeline_tasks).status as status, (r.before_image::data_pipeline_tasks).step_status as steps
    from cleanups c
    join cleanup_rows r on r.cleanup_id = c.id and r.table_name = 'tasks'
    join data_pipeline_tasks t on t.id = c.task_id and t::text = r.after_image
   where c.task_id = $1 and c.executed and c.executed_by = $2 and c.rolled_back_at is null
   order by c.executed_at desc, c.id desc
   limit 1`

interface Before {
  readonly status: Task['status']
  readonly steps: Readonly<Record<string, string>>
}

/** What the clean-ups by `by` have left of a task to be gone on with. */
export async function leftToDo(store: Queryable, taskId: string, by: string): Promise<LeftToDo> {
  const [before] = (await store.query<Before>(LATEST_REPAIR, [taskId, by])).rows
  if (before === undefined || (await findActiveExecution(store, taskId)) !== null) return { kind: 'nothing' }
  const [rows] = await readRows(store, [taskId])
  return rows?.task == null ? { kind: 'nothing' } : decideGoOn(before, rows.task, rows.executions)
}

/** Told from the task as it was before the clean-up, as it is now, and its executions, oldest first. */
export function decideGoOn(before: Before, task: Task, executions: readonly Execution[]): LeftToDo {
  // A task that had failed or was cancelled is a person's to resume.
  if (before.status === 'failed' || before.status === 'cancelled') return { kind: 'nothing' }
  const failed = Object.keys(task.stepStatus).filter((step) => task.stepStatus[step] === 'failed')
  const latest = failed.map((step) => latestOf({ executions }, step))
  const wasUndone = latest.every((one) => one === undefined || one.errorCode === 'missing_output')
  if (!wasUndone || Object.values(task.stepStatus).includes('cancelled')) return { kind: 'nothing' }
  for (const { step, maxAttempts } of latest.flatMap((one) => one ?? [])) {
    const times = executions.filter((one) => one.step === step && one.errorCode === 'missing_output').length
    if (times >= maxAttempts) return { kind: 'spent', step, times }
  }
  const steps = new Set(stepsBefore(before, task, executions))
  const next = Object.entries(task.stepStatus).find(([, status]) => status !== 'completed' && status !== 'skipped')
  if (next === undefined || (task.parameters.workflow === undefined && !steps.has(next[0]))) return { kind: 'nothing' }
  return { kind: 'due', steps }
}

/** Where a single step was asked for, the task goes on with no other. */
function stepsBefore(before: Before, task: Task, executions: readonly Execution[]): readonly string[] {
  const all = Object.keys(task.stepStatus)
  if (before.status === 'completed') return all
  const begun = all.filter((step) => ['completed', 'queued', 'running'].includes(before.steps[step] ?? 'pending'))
  return before.status === 'in_progress' ? [...begun, ...(executions.at(-1)?.remainingSteps ?? [])] : begun
}

/**
 * Goes on with a task that a clean-up has left, as far as it had come before. May be repeated: what goes on is left alone.
 * @param hold called in the transaction of the change, which it may refuse by a throw
 */
export async function goOn(
  platform: Platform,
  { taskId, by }: { taskId: string; by: string },
  hold: (tx: Queryable, change: { before: unknown; after: unknown }) => Promise<void>,
): Promise<LeftToDo> {
  if ((await leftToDo(platform.store, taskId, by)).kind === 'nothing') return { kind: 'nothing' }
  const { left, messages } = await platform.store.transaction(async (tx) => {
    await lockSchedule(tx)
    const task = await lockTask(tx, taskId)
    const left = await leftToDo(tx, taskId, by)
    if (left.kind !== 'due') return { left, messages: [] }
    const run = await resumeTask(platform, tx, taskId, { steps: left.steps, waits: true })
    await hold(tx, { before: { status: task?.status }, after: { status: 'in_progress', step: run.execution.step } })
    return { left, messages: run.messages }
  })
  await sendMessages(platform, messages)
  return left
}
