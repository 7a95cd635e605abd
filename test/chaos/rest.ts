import { later, type Posting, post } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Fleet } from './fleet.ts'

const LOOK_MS = 1_000
const SAY_LOOKS = 5
const PROBE_MS_MAX = 60_000

const LEFT = `
  select id, status, step_status
    from data_pipeline_tasks
   where status not in ('completed', 'failed', 'cancelled')
   order by id`

const LAST = `
  select coalesce(max(seq), 0)::int as seq
    from chaos_history`

const COMPLETED_BY = `
  select seq
    from chaos_history
   where writer = $1 and status = 'completed' and seq > $2
   limit 1`

const ROOM = `
  select (select count(*)::int from data_pipeline_task_executions
           where status in ('queued', 'running') and admitted_at is not null) as admitted,
         (select count(*)::int from data_pipeline_tasks) as tasks,
         (select count(*)::int from data_pipeline_tasks where status in ('completed', 'failed')) as ended`

/** Waits until every task has ended. @returns those that have not, in time */
export async function rest(cluster: Cluster, msMax: number, signal: AbortSignal): Promise<string[]> {
  const until = Date.now() + msMax
  for (;;) {
    const left = await cluster.query(LEFT)
    if (left.length === 0 || signal.aborted) return []
    if (Date.now() > until)
      return left.map((row) => `not ended after ${msMax / 1_000} s of calm: ${JSON.stringify(row)}`)
    await later(LOOK_MS, signal)
  }
}

/**
 * Whether each runner, after all that, still takes a task and completes a step itself.
 * @param tasks numbers up to this one are taken
 */
export async function probe(
  fleet: Fleet,
  cluster: Cluster,
  tasks: number,
  posting: Posting,
  signal: AbortSignal,
): Promise<string[]> {
  const deaf: string[] = []
  let number = tasks
  for (const { name, url, workerId } of fleet.members) {
    const writer = fleet.writers.get(workerId ?? '') ?? ''
    const [{ seq } = { seq: 0 }] = await cluster.query<{ seq: number }>(LAST)
    const until = Date.now() + PROBE_MS_MAX
    let completed = false
    while (!completed && url !== null && Date.now() < until && !signal.aborted) {
      number += 1
      const answer = await post(url, number, signal)
      // A key without an answer may have been taken: the same one is tried again.
      if (answer === null) number -= 1
      else posting.acknowledged.push({ number, taskId: answer.task_id })
      await later(LOOK_MS, signal)
      completed = (await cluster.query(COMPLETED_BY, [writer, seq])).length > 0
    }
    if (!completed) deaf.push(`${name} (${writer}) completes nothing any more (${PROBE_MS_MAX / 1_000} s tried)`)
  }
  return [...deaf, ...(await rest(cluster, PROBE_MS_MAX, signal))]
}

/** Looks every second how many runs are let in, and tells how far the tasks are. */
export function watchRoom(
  cluster: Cluster,
  runningMax: number,
  say: (text: string) => void,
  signal: AbortSignal,
): { end(): Promise<readonly string[]> } {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  const excess: string[] = []
  const looking = (async () => {
    for (let looks = 1; !both.aborted; looks++) {
      const [row] = await cluster.query<{ admitted: number; tasks: number; ended: number }>(ROOM)
      const { admitted = 0, tasks = 0, ended = 0 } = row ?? {}
      if (admitted > runningMax) excess.push(`${admitted} runs were let in, ${runningMax} at most should be`)
      if (looks % SAY_LOOKS === 0) say(`${ended} of ${tasks} tasks have ended, ${admitted} run`)
      await later(LOOK_MS, both)
    }
  })()
  return {
    end: async () => {
      over.abort()
      await looking
      return excess
    },
  }
}
