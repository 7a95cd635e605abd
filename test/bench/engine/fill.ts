import pg from 'pg'

const BATCH = 50_000 // rows of one statement: it shows progress and holds no long snapshot

const TASKS = `
  insert into data_pipeline_tasks
         (id, task_type, status, parameters, step_status, created_at, started_at, completed_at, created_by, db_name,
          concurrency_key, progress)
  select 'fill_' || g, task_type, 'completed', parameters, step_status, created_at - g * interval '1 second',
         created_at - g * interval '1 second', created_at - g * interval '1 second', created_by, db_name, concurrency_key, 100
    from data_pipeline_tasks, generate_series($2::int, $3::int) g
   where id = $1`

const EXECUTIONS = `
  insert into data_pipeline_task_executions
         (execution_id, task_id, execution_step, status, created_at, started_at, completed_at, run_id, available_at,
          admitted_at, timeout_ms, claim, progress)
  select 'fill_' || g || '_exec', 'fill_' || g, execution_step, 'completed', at, at, at, 'fill_' || g || '_exec', at, at,
         timeout_ms, 1, 1
    from data_pipeline_task_executions, generate_series($2::int, $3::int) g,
         lateral (select created_at - g * interval '1 second' as at) t
   where task_id = $1 and execution_step = 'ddl_generation'`

const LOGS = `
  insert into data_pipeline_task_logs (task_id, execution_id, log_level, message, step_name, module_name, timestamp)
  select 'fill_' || g, 'fill_' || g || '_exec', log_level, message, step_name, module_name, timestamp - g * interval '1 second'
    from (select * from data_pipeline_task_logs where task_id = $1 order by id limit 1) line,
         generate_series($2::int, $3::int) g`

/**
 * Fills a store with finished tasks like the given one, each with an execution and a line of its log, all indexes in place.
 * @param count tasks
 */
export async function fillStore(url: string, model: string, count: number, say: (text: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('set synchronous_commit = off') // of the filling alone
    for (const [name, statement] of Object.entries({ tasks: TASKS, executions: EXECUTIONS, 'log lines': LOGS })) {
      for (let from = 1; from <= count; from += BATCH) {
        await client.query(statement, [model, from, Math.min(count, from + BATCH - 1)])
      }
      say(`filled with ${count} ${name}`)
    }
    await client.query('vacuum (analyze)')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}

// Their worker has not been heard of for an hour, and their leases have lapsed.
const MAKE_ZOMBIES = `
  update data_pipeline_task_executions
     set status = 'running', completed_at = null, attempt = 0, claim = 1, lease_owner = 'gone:1',
         lease_expires_at = $2::timestamptz - interval '59 minutes', heartbeat_at = $2::timestamptz - interval '1 hour'
   where execution_id = any (select 'fill_' || g || '_exec' from generate_series(1, $1::int) g)`

const MAKE_ZOMBIE_TASKS = `
  update data_pipeline_tasks
     set status = 'in_progress', completed_at = null,
         step_status = step_status || '{"ddl_generation": "running"}', progress = 0
   where id = any (select 'fill_' || g from generate_series(1, $1::int) g)`

export async function makeZombies(client: pg.Client, count: number, now: Date): Promise<void> {
  await client.query(MAKE_ZOMBIES, [count, now])
  await client.query(MAKE_ZOMBIE_TASKS, [count])
}
