import type { Execution } from '../../engine/execution.ts'
import type { Task } from '../../engine/task.ts'
import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { isAbandoned } from '../zombies/abandoned.ts'
import { CHECKS } from './all.ts'
import { fileWithoutRow } from './checks/file-without-row.ts'
import { ownFileDiffers } from './checks/own-file-differs.ts'
import type { Finding } from './finding.ts'
import { findingsOf } from './look.ts'
import { activeOf, type FileFact, type Picture } from './picture.ts'
import { PlanDraft } from './plan-draft.ts'
import { findCheckpoints, findRows, type RowAction, type RowRef } from './rows.ts'

const ROWS_MAX = 20_000 // of one task: what one transaction changes within seconds
const FILES_MAX = 2_000

const ENDS = ['failed', 'cancelled'] as const

/** The checks that look away while something is under way. */
const HIDDEN: ReadonlySet<string> = new Set([fileWithoutRow.name, ownFileDiffers.name])

/** A row that is to be changed, as it was when the plan was made. */
export interface PlannedRow extends RowRef {
  readonly action: RowAction
}

/** A file that is to be removed. */
export interface PlannedFile {
  readonly key: string
  readonly size: number
  readonly etag: string
}

/** What a clean-up of one task would do, row by row and file by file. */
export interface Plan {
  readonly rows: readonly PlannedRow[]
  readonly files: readonly PlannedFile[]
}

/** A plan with what it was made from. */
export interface Planning {
  readonly plan: Plan
  readonly findings: readonly Finding[]
  /** The task as it is to be; null where its row stays. */
  readonly task: Task | null
  readonly draft: PlanDraft
  readonly picture: Picture
}

/**
 * Plans the clean-up of what the checks find in a picture. Reads, and changes nothing.
 * @param only which findings are planned for
 * @throws {Problem} `step_running` while the task works, `cleanup_refused` when it is too much for one transaction
 */
export async function makePlan(
  store: Queryable,
  picture: Picture,
  only?: (finding: Finding) => boolean,
): Promise<Planning> {
  const found = findingsOf(picture).filter(only ?? (() => true))
  const draft = new PlanDraft(picture)
  planFor(found, picture, draft)
  // What an execution has left that ends here would be the next scan's orphans; a repair of one type leaves it to a resume.
  if (only === undefined) removeOrphaned(picture, draft)
  const hidden = only === undefined ? hiddenIn(picture, draft) : []
  planFor(hidden, picture, draft)
  const findings = [...found, ...hidden]
  const busy = findings.length === 0 ? undefined : workingOn(picture, draft)
  if (busy !== undefined) {
    throw new Problem('step_running', `Cannot clean up ${picture.taskId}: ${busy.step} is ${busy.status}`, {
      hint: 'Wait until it ends, or cancel the task',
      retryAfter: 30,
    })
  }
  const task = draft.task()
  const { taskId } = picture
  const rows: PlannedRow[] = [
    ...planned('delete', await findCheckpoints(store, taskId, [...draft.steps])),
    ...planned('delete', await findRows(store, taskId, 'outputs', [...draft.outputs])),
    ...planned('update', await findRows(store, taskId, 'outputs', [...draft.adopted.keys()])),
    ...planned('update', await findRows(store, taskId, 'executions', [...draft.executions.keys()])),
    ...planned('update', await findRows(store, taskId, 'tasks', task === null ? [] : [taskId])),
  ]
  const files = [...draft.files].toSorted().flatMap((name) => plannedFile(taskId, picture.files?.get(name)))
  if (rows.length > ROWS_MAX || files.length > FILES_MAX) {
    throw new Problem(
      'cleanup_refused',
      `Cannot clean up ${taskId} at once: ${rows.length} rows and ${files.length} files, at most ${ROWS_MAX} and ${FILES_MAX}`,
      { hint: 'Delete the task instead, or clean up its files by hand' },
    )
  }
  return { plan: { rows, files }, findings, task, draft, picture }
}

function planFor(findings: readonly Finding[], picture: Picture, draft: PlanDraft): void {
  for (const finding of findings) CHECKS.find(({ name }) => name === finding.check)?.plan(finding, picture, draft)
}

/** What the checks did not judge while an execution was under way that the plan ends: it would be the next scan's dirt. */
function hiddenIn(picture: Picture, draft: PlanDraft): Finding[] {
  const executions = picture.executions.map((execution) => {
    const status = ENDS.find((end) => end === draft.executions.get(execution.executionId)?.status)
    return status === undefined ? execution : { ...execution, status }
  })
  if (activeOf({ ...picture, executions }).length === activeOf(picture).length) return []
  const outputs = picture.outputs.filter(({ fileName }) => !draft.outputs.has(fileName) && !draft.adopted.has(fileName))
  // A file that the plan keeps with another row is known, too.
  const isLeft = (name: string) => !draft.files.has(name) && !draft.adopted.has(name)
  const files = picture.files === null ? null : new Map([...picture.files].filter(([name]) => isLeft(name)))
  return findingsOf({ ...picture, executions, outputs, files }).filter(({ check }) => HIDDEN.has(check))
}

/** Removes what belongs to executions that the plan ends as failed. */
function removeOrphaned({ outputs, executions }: Picture, draft: PlanDraft): void {
  const failed = executions.filter(({ executionId }) => draft.executions.get(executionId)?.status === 'failed')
  for (const { executionId, step } of failed) {
    const own = outputs.filter((output) => output.executionId === executionId)
    for (const output of own) draft.removeOutput(output)
    if (own.length > 0) draft.beginAnew(step)
  }
}

/** Work that is alive: nothing of its task is touched. */
function workingOn(picture: Picture, draft: PlanDraft): Execution | undefined {
  return activeOf(picture).find((execution) => {
    const isOurs = draft.executions.has(execution.executionId)
    return execution.status === 'running' ? !isAbandoned(execution, picture) || !isOurs : !isOurs
  })
}

function planned(action: RowAction, rows: readonly RowRef[]): PlannedRow[] {
  return rows.map((row) => ({ ...row, action }))
}

function plannedFile(taskId: string, file: FileFact | undefined): PlannedFile[] {
  return file === undefined ? [] : [{ key: `${taskId}/${file.name}`, size: file.size, etag: file.etag }]
}

/** What two plans have in common: what was planned and is still to be done. The rest is answered as skipped. */
export function stillPlanned(plan: Plan, fresh: Plan): { plan: Plan; skipped: Skipped[] } {
  const rowKey = ({ table, key, action, hash }: PlannedRow) => JSON.stringify([table, key, action, hash])
  const fileKey = ({ key, size, etag }: PlannedFile) => JSON.stringify([key, size, etag])
  const rows = new Set(fresh.rows.map(rowKey))
  const files = new Set(fresh.files.map(fileKey))
  return {
    plan: {
      rows: plan.rows.filter((row) => rows.has(rowKey(row))),
      files: plan.files.filter((file) => files.has(fileKey(file))),
    },
    skipped: [
      ...plan.rows
        .filter((row) => !rows.has(rowKey(row)))
        .map(({ table, key }) => ({ kind: table, key, reason: CHANGED })),
      ...plan.files
        .filter((file) => !files.has(fileKey(file)))
        .map(({ key }) => ({ kind: 'file' as const, key, reason: CHANGED })),
    ],
  }
}

export const CHANGED = 'changed_since_plan'

/** What a clean-up left alone, and why. */
export interface Skipped {
  readonly kind: RowRef['table'] | 'file'
  readonly key: string
  readonly reason: string
}
