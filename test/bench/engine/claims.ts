import { PIPELINE } from '../../../shared/engine/pipeline.ts'
import { median } from './closed-loop.ts'
import { type HelixContender, openHelix } from './helix.ts'
import { inDirectory } from './latency.ts'

// Executions that the schedule has let in and nobody has taken, of tasks like the one that has run.
const FILL_TASKS = `
  insert into data_pipeline_tasks
         (id, task_type, status, parameters, step_status, created_at, started_at, created_by, db_name, concurrency_key)
  select $2 || g, task_type, 'in_progress', parameters, jsonb_build_object('ddl_generation', 'queued',
         'qa_generation', 'pending', 'sql_validation', 'pending', 'training_load', 'pending'),
         created_at, created_at, created_by, db_name, concurrency_key
    from data_pipeline_tasks, generate_series(1, $3::int) g
   where id = $1`

const FILL_EXECUTIONS = `
  insert into data_pipeline_task_executions
         (execution_id, task_id, execution_step, status, created_at, run_id, available_at, admitted_at, timeout_ms)
  select $2 || g || '_exec', $2 || g, execution_step, 'queued', created_at, $2 || g || '_exec', created_at, created_at,
         timeout_ms
    from data_pipeline_task_executions, generate_series(1, $3::int) g
   where task_id = $1 and execution_step = 'ddl_generation'`

/** Executions claimed and finished per second: each a message, an empty step, and the end of its run. */
export async function claimsPerSecond(
  url: string,
  atOnce: readonly number[],
  { count, rounds }: { count: number; rounds: number },
): Promise<Record<number, number>> {
  return await inDirectory(async (directory) => {
    const helix = await openHelix({ url, directory }, () => async () => ({ result: {}, required: [] }))
    const model = await helix.accept()
    await helix.finished(model)
    const rates: Record<number, number[]> = {}
    for (let round = 0; round < rounds + 1; round += 1) {
      for (const at of atOnce) {
        const rate = await claimAll(helix, model, `claim_${round}_${at}_`, at, at === 1 ? Math.ceil(count / 5) : count)
        if (round > 0) rates[at] = [...(rates[at] ?? []), rate] // the first round warms up
      }
    }
    await helix.close()
    return Object.fromEntries(atOnce.map((at) => [at, median(rates[at] ?? [])]))
  })
}

async function claimAll(helix: HelixContender, model: string, prefix: string, at: number, count: number) {
  const { store, dispatch } = helix.platform
  await store.query(FILL_TASKS, [model, prefix, count])
  await store.query(FILL_EXECUTIONS, [model, prefix, count])
  let next = 1
  const begun = performance.now()
  const worker = async () => {
    while (next <= count) {
      const body = { execution_id: `${prefix}${next}_exec`, claim: 0 }
      next += 1
      const { status } = await dispatch({ function: PIPELINE.ddl_generation.function, body })
      if (status !== 200) throw new Error(`${body.execution_id} was answered ${status}`)
    }
  }
  await Promise.all(Array.from({ length: at }, worker))
  return (count * 1_000) / (performance.now() - begun)
}
