import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STEPS } from '../../shared/engine/pipeline.ts'
import type { Posting } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Journal } from './journal.ts'
import { CONTEXT, isToFail, planOf } from './steps.ts'

/** Where the evidence is. */
export interface Evidence {
  readonly store: Pick<Cluster, 'query'>
  readonly filesRoot: string
  /** Tasks of the run; what has a higher number was posted to probe the runners. */
  readonly tasks: number
  readonly posting: Posting
  readonly journal: Journal
  /** Whose process each worker's id was: `r2.7`, the seventh process in the place of `r2`. */
  readonly writers: ReadonlyMap<string, string>
}

export interface Verdict {
  readonly completed: number
  readonly failed: number
  readonly lateReports: number
  readonly lateAccepted: readonly string[]
  readonly lost: readonly string[]
  readonly twice: readonly string[]
  readonly stuck: readonly string[]
}

interface TaskRow {
  id: string
  context: string
  status: string
  progress: number
  step_status: Record<string, string>
}

const TASKS = `
  select id, business_context as context, status, progress, step_status
    from data_pipeline_tasks
   order by id`

const UNENDED = `
  select execution_id, status, claim, attempt, lease_owner, lease_expires_at, available_at, admitted_at
    from data_pipeline_task_executions
   where status in ('queued', 'running') or lease_owner is not null or lease_expires_at is not null
   order by execution_id`

const STEP_COUNTS = `
  select task_id, run_id, execution_step as step, count(*)::int as executions
    from data_pipeline_task_executions
   group by task_id, run_id, execution_step`

const FINALS = `
  select execution_id, count(*)::int as finals
    from chaos_history
   where chaos_is_final(status) and not coalesce(chaos_is_final(old_status), false)
   group by execution_id
  having count(*) <> 1`

// A change by somebody else than the holder, while the lease was alive.
const FOREIGN = `
  select execution_id, old_claim, claim, old_owner, writer, old_status, status, shortened, at
    from chaos_history
   where not free and old_owner is not null`

const CLAIMS = `
  select execution_id, max(claim)::int as claim, bool_or(chaos_is_final(status)) as final
    from chaos_history
   group by execution_id`

const CHECKPOINTS = `
  select execution_id, item, claim
    from task_checkpoints`

const OUTPUTS = `
  select task_id, file_name, content_hash
    from data_pipeline_task_outputs`

const VIOLATIONS = `
  select kind, subject, writer, at, detail
    from chaos_violations
   order by seq`

const LATE = /^(late_|\w+_after_end$|changed_after_final$)/

/** Judges a run that has come to rest. */
export async function judge({ store, filesRoot, tasks: count, posting, journal, writers }: Evidence): Promise<Verdict> {
  const tasks = await store.query<TaskRow & Record<string, unknown>>(TASKS)
  const violations = (
    await store.query<{ kind: string; subject: string; writer: string; at: Date; detail: unknown }>(VIOLATIONS)
  ).map(({ kind, subject, writer, at, detail }) => ({
    kind,
    text: `${kind} ${subject} by ${writer} at ${at.toISOString()}: ${JSON.stringify(detail)}`,
  }))
  const texts = (wanted: (kind: string) => boolean) =>
    violations.filter(({ kind }) => wanted(kind)).map(({ text }) => text)
  const posted = tasks.filter(({ context }) => Number(CONTEXT.exec(context)?.[1]) <= count)
  return {
    completed: posted.filter(({ status }) => status === 'completed').length,
    failed: posted.filter(({ status }) => status === 'failed').length,
    lateReports: await lateReports(store, journal),
    lateAccepted: [...texts((kind) => LATE.test(kind)), ...(await foreignWrites(store, writers))],
    lost: [...lostTasks(tasks, posting), ...(await lostOutputs(store, tasks, filesRoot))],
    twice: [
      ...texts((kind) => !LATE.test(kind)),
      ...doubleTasks(tasks, posting),
      ...(await doubleExecutions(store)),
      ...(await doubleItems(store, journal)),
    ],
    stuck: (await store.query(UNENDED)).map((row) => JSON.stringify(row)),
  }
}

/** Attempts whose runner told that they were fenced, and which the store knows to have been superseded or ended. */
async function lateReports(store: Evidence['store'], { fenced }: Journal): Promise<number> {
  const rows = await store.query<{ execution_id: string; claim: number; final: boolean }>(CLAIMS)
  const last = new Map(rows.map((row) => [row.execution_id, row]))
  return fenced.filter(({ executionId, claim }) => {
    const now = last.get(executionId)
    return now !== undefined && (now.claim > claim || now.final)
  }).length
}

async function foreignWrites(store: Evidence['store'], writers: Evidence['writers']): Promise<string[]> {
  const rows = await store.query<{ old_owner: string; writer: string; shortened: boolean }>(FOREIGN)
  return rows
    .filter(({ old_owner, writer, shortened }) => {
      const holder = writers.get(old_owner)
      if (holder === undefined || holder === writer) return false
      return !(shortened && follows(writer, holder))
    })
    .map((row) => `written while ${writers.get(row.old_owner)} held the lease: ${JSON.stringify(row)}`)
}

/** Whether one process came after another in the same place: `r2.7` after `r2.6`. */
function follows(later: string, earlier: string): boolean {
  const [place, boot] = later.split('.')
  const [samePlace, before] = earlier.split('.')
  return place === samePlace && Number(boot) > Number(before)
}

function lostTasks(tasks: readonly TaskRow[], { acknowledged }: Posting): string[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  return acknowledged.flatMap(({ number, taskId }) => {
    const task = byId.get(taskId)
    if (task === undefined) return [`task ${number} was acknowledged as ${taskId}, which is not in the store`]
    const wanted = isToFail(number) ? 'failed' : 'completed'
    const whole = Object.values(task.step_status).every((status) => status === 'completed') && task.progress === 100
    if (task.status === wanted && (wanted === 'failed' || whole)) return []
    return [`${taskId} (task ${number}) should be ${wanted}, is ${JSON.stringify(task)}`]
  })
}

async function lostOutputs(store: Evidence['store'], tasks: readonly TaskRow[], filesRoot: string): Promise<string[]> {
  const rows = await store.query<{ task_id: string; file_name: string; content_hash: string }>(OUTPUTS)
  const hashes = new Map(rows.map((row) => [`${row.task_id}/${row.file_name}`, row.content_hash]))
  const lost: string[] = []
  for (const { id, context, step_status: stepStatus } of tasks) {
    const number = Number(CONTEXT.exec(context)?.[1])
    for (const step of STEPS.filter((name) => stepStatus[name] === 'completed')) {
      const { items, summary } = planOf(number, step)
      for (const { name, text } of [...items.flatMap(({ file }) => file ?? []), summary]) {
        const path = `${id}/${name}`
        const written = await readFile(join(filesRoot, path)).catch(() => null)
        if (hashes.get(path) === undefined) lost.push(`${path} has no row although ${step} is completed`)
        else if (written === null) lost.push(`${path} has no file although ${step} is completed`)
        else if (sha256(written) !== hashes.get(path)) lost.push(`${path} does not have the hash of its row`)
        else if (written.toString('utf8') !== text) lost.push(`${path} does not hold what its items lead to`)
      }
    }
  }
  return lost
}

function doubleTasks(tasks: readonly TaskRow[], { acknowledged, differing }: Posting): string[] {
  const known = new Set(acknowledged.map(({ taskId }) => taskId))
  const strangers = tasks
    .filter(({ id }) => !known.has(id))
    .map(({ id, context }) => `${id} (${context}) was answered to nobody`)
  const repeated = acknowledged.length - known.size
  return [...strangers, ...(repeated > 0 ? [`${repeated} tasks were answered to two keys`] : []), ...differing]
}

async function doubleExecutions(store: Evidence['store']): Promise<string[]> {
  const counts = await store.query<{ task_id: string; run_id: string; step: string; executions: number }>(STEP_COUNTS)
  const finals = await store.query<{ execution_id: string; finals: number }>(FINALS)
  const runs = new Map<string, Set<string>>()
  for (const { task_id, run_id } of counts) runs.set(task_id, (runs.get(task_id) ?? new Set()).add(run_id))
  return [
    ...counts
      .filter(({ executions }) => executions !== 1)
      .map((row) => `executed more than once: ${JSON.stringify(row)}`),
    ...[...runs].filter(([, ids]) => ids.size !== 1).map(([id, ids]) => `${id} has the runs ${[...ids].join(', ')}`),
    ...finals.map((row) => `ended ${row.finals} times: ${row.execution_id}`),
  ]
}

/** Items that were worked again although their checkpoint had been written, or that have a checkpoint without work. */
async function doubleItems(store: Evidence['store'], { worked }: Journal): Promise<string[]> {
  const rows = await store.query<{ execution_id: string; item: string; claim: number }>(CHECKPOINTS)
  return rows.flatMap(({ execution_id, item, claim }) => {
    const claims = worked.get(`${execution_id} ${item}`) ?? []
    const rightly = claims.filter((one) => one === claim).length === 1 && claims.every((one) => one <= claim)
    return rightly
      ? []
      : [`${item} of ${execution_id} was saved under claim ${claim}, worked under ${claims.join(', ')}`]
  })
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
