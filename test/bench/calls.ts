// What the engine's calls ask of the server, and how long the schedule is locked: `npx tsx test/bench/calls.ts
// --store postgres://… --source postgres://… [--tasks 200] [--group 20] [--running 0]`.
// One task runs; then what it sent to a scratch store is sent again, word for word, for other tasks: alone, and together
// with that of others. The processor time is that of the one backend, which whoever else is at work doesn't change.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { kindOf, purposeOf } from './counting.ts'
import { cpuMsOf, optionsOf, type ScratchStore, scratchStore } from './scratch.ts'
import { runTask } from './statements.ts'

/** A statement of the engine as one task sent it. */
interface Sent {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** Of one kind of call, over all its repetitions. */
interface Figures {
  readonly cpuMs: number[]
  readonly wallMs: number[]
}

const WARM_UP = 10 // tasks whose figures don't count
const ROOM = 1_000_000 // tasks at once: every run is let in

/** Who asks for a claim: the only statement of the main road that is no call. */
const CLAIM = /set status = 'running', claim = claim \+ 1/

/** The statements that a task sends, in their order, told by what they are for. */
async function captured(scratch: ScratchStore, source: string): Promise<{ taskId: string; sent: Sent[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'helix-calls-'))
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown }
  const original = prototype.query
  const sent: Sent[] = []
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [text, values] = args
    if (typeof text === 'string' && (kindOf(text) === 'call' || CLAIM.test(text)))
      sent.push({ name: nameOf(text, values as unknown[]), text, values: values as unknown[] })
    return original.apply(this, args)
  }
  try {
    const { taskId } = await runTask(scratch, source, directory, { db_name: 'bench', language: 'en' })
    return { taskId, sent }
  } finally {
    prototype.query = original
    await rm(directory, { recursive: true, force: true })
  }
}

function nameOf(text: string, values: readonly unknown[]): string {
  if (kindOf(text) !== 'call') return 'claim'
  const items = JSON.parse(String(values[0]))
  const purpose = purposeOf(text, items)
  if (purpose !== 'end') return purpose
  return items[0].admit === undefined ? 'end of a step' : 'end of a run'
}

/** The same for another task of a source of its own, which finds room. */
function renamed(values: readonly unknown[], taskId: string, name: string): unknown[] {
  return values.map((value) =>
    typeof value !== 'string'
      ? value
      : value
          .replaceAll(taskId, name)
          .replaceAll('"concurrency_key":"bench"', `"concurrency_key":"${name}"`)
          .replaceAll(/"running_max":\d+/g, `"running_max":${ROOM}`),
  )
}

/** Sends for `group` tasks at once what one task sent. */
async function replay(
  client: pg.Client,
  pid: number,
  { taskId, sent }: { taskId: string; sent: readonly Sent[] },
  names: readonly string[],
  figures: Map<string, Figures> | null,
): Promise<void> {
  for (const { name, text, values } of sent) {
    const each = names.map((task) => renamed(values, taskId, task))
    const grouped = name === 'claim' ? each : [[`[${each.map(([items]) => String(items).slice(1, -1)).join(',')}]`]]
    for (const given of grouped) {
      const cpu = cpuMsOf(pid)
      const begun = performance.now()
      const { rowCount, rows } = await client.query(text, given)
      const wallMs = performance.now() - begun
      if (rowCount === 0 || rows[0]?.answers?.includes(null)) throw new Error(`A repeated "${name}" was refused`)
      const found = figures?.get(name) ?? { cpuMs: [], wallMs: [] }
      found.cpuMs.push((cpuMsOf(pid) - cpu) / (name === 'claim' ? 1 : names.length))
      found.wallMs.push(wallMs / (name === 'claim' ? 1 : names.length))
      figures?.set(name, found)
    }
  }
}

/** Runs that others have under way: the schedule counts them each time. */
async function fillRunning(client: pg.Client, taskId: string, count: number): Promise<void> {
  await client.query(
    `insert into data_pipeline_tasks (id, task_type, status, parameters, step_status, created_at, concurrency_key)
     select 'busy_' || g, task_type, 'in_progress', parameters, step_status, created_at, 'busy_' || g
       from data_pipeline_tasks, generate_series(1, $2::int) g where id = $1`,
    [taskId, count],
  )
  await client.query(
    `insert into data_pipeline_task_executions (execution_id, task_id, execution_step, status, created_at, run_id, available_at,
            admitted_at, timeout_ms, claim, concurrency_key)
     select 'busy_' || g, 'busy_' || g, execution_step, 'running', created_at, 'busy_' || g, created_at, created_at,
            timeout_ms, 1, 'busy_' || g
       from data_pipeline_task_executions, generate_series(1, $2::int) g
      where task_id = $1 and execution_step = 'ddl_generation'`,
    [taskId, count],
  )
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const options = optionsOf(process.argv.slice(2))
const [server, source] = [options.get('store'), options.get('source')]
if (server === undefined || source === undefined)
  throw new Error('Say where a scratch store may be made, and a source: --store postgres://… --source postgres://…')
const tasks = Number(options.get('tasks') ?? 200)
const group = Number(options.get('group') ?? 20)
const running = Number(options.get('running') ?? 0)

await using scratch = await scratchStore(server)
const task = await captured(scratch, source)
const client = new pg.Client({ connectionString: scratch.url })
await client.connect()
const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
const pid = rows[0]?.pid ?? 0
await fillRunning(client, task.taskId, running)
await client.query('vacuum analyze')
const measured: Map<string, Figures>[] = []
for (const size of [1, group]) {
  const figures = new Map<string, Figures>()
  const names = Array.from({ length: WARM_UP * size + tasks }, (_, index) => `again_${size}_${index + 1}_`)
  for (let from = 0; from < names.length; from += size)
    await replay(client, pid, task, names.slice(from, from + size), from < WARM_UP * size ? null : figures)
  measured.push(figures)
}
const [alone, together] = measured
const line = (cells: readonly (string | number)[]) =>
  [String(cells[0]).padEnd(16), ...cells.slice(1).map((cell) => String(cell).padStart(15))].join('')
const ms = (value: number) => value.toFixed(2)
const told = [...(alone ?? [])].map(([name, found]) => {
  const shared = together?.get(name)
  const times = task.sent.filter((one) => one.name === name).length
  return line([
    name,
    times,
    ms(mean(found.cpuMs)),
    ms(median(found.wallMs)),
    ms(mean(shared?.cpuMs ?? [])),
    ms(median(shared?.wallMs ?? [])),
  ])
})
const perTask = (figures: Map<string, Figures> | undefined) =>
  [...(figures?.values() ?? [])].reduce((sum, { cpuMs }) => sum + cpuMs.reduce((all, one) => all + one, 0), 0)
process.stdout.write(
  `${[
    `${tasks} tasks alone, then ${group} at once; ${running} others under way. Per task, in ms:`,
    line(['', 'a task', 'cpu', 'median', `cpu of ${group}`, `median of ${group}`]),
    ...told,
    line(['a task', task.sent.length, ms(perTask(alone) / tasks), '', ms((perTask(together) * group) / tasks), '']),
  ].join('\n')}\n`,
)
await client.end()
