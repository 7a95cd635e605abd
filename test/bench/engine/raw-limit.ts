import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { quoteIdentifier } from '../../../shared/dataset/catalog/quote.ts'

/** The tables that a workflow writes, and by which column a row belongs to its task. */
const TABLES = {
  data_pipeline_tasks: 'id',
  data_pipeline_task_executions: 'task_id',
  data_pipeline_task_logs: 'task_id',
  data_pipeline_task_outputs: 'task_id',
  task_checkpoints: 'task_id',
  task_events: 'task_id',
} as const

type Table = keyof typeof TABLES

interface Row {
  readonly table: Table
  /** SQL expressions by column; ids are made of `$task`. */
  readonly values: Readonly<Record<string, string>>
}

/** Everything that one finished workflow left in the store, to be written again under other ids. */
export async function templateRows(admin: pg.Client, taskId: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const [table, key] of Object.entries(TABLES) as [Table, string][]) {
    const { rows: columns } = await admin.query<{ name: string; type: string; generated: boolean }>(
      `select attname as name, format_type(atttypid, atttypmod) as type,
              attidentity <> '' or attgenerated <> ''
                or coalesce(pg_get_expr(adbin, adrelid) like 'nextval%', false) as generated
         from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    )
    const kept = columns.filter(({ generated }) => !generated)
    const literals = kept.map(({ name }) => `quote_nullable(${quoteIdentifier(name)}) as ${quoteIdentifier(name)}`)
    const found = await admin.query<Record<string, string>>(
      `select ${literals.join(', ')} from ${table} where ${key} = $1`,
      [taskId],
    )
    for (const row of found.rows) {
      const values = kept.map(
        ({ name, type }) => [name, `(${expression(row[name] ?? 'null', taskId)})::${type}`] as const,
      )
      rows.push({ table, values: Object.fromEntries(values) })
    }
  }
  return rows
}

/** A literal in which the task's id, and the ids made of it, become those of another task. */
function expression(literal: string, taskId: string): string {
  const parts = literal.split(taskId)
  return parts.length === 1 ? literal : parts.map((part, at) => (at === 0 ? `${part}'||$task||'` : part)).join('')
}

/** The statements of a workflow, or of `$group` of them together: accepting it and ending each of its steps, one transaction each. */
export function workflowStatements(rows: readonly Row[]): string[] {
  const of = (table: Table) => rows.filter((row) => row.table === table)
  const executions = of('data_pipeline_task_executions')
  const accept = together([
    insert(of('data_pipeline_tasks'), { status: "'pending'" }),
    insert(executions.slice(0, 1), { status: "'running'" }),
  ])
  const ends = executions.map((execution, part) => {
    const share = (table: Table) =>
      of(table).filter((_, index, all) => Math.floor((index * executions.length) / all.length) === part)
    const next = executions.slice(part + 1, part + 2)
    return together([
      `update data_pipeline_task_executions set status = 'completed', completed_at = created_at, lease_owner = null
         from ${GROUP} where execution_id = ${execution.values.execution_id} and status = 'running'`,
      `update data_pipeline_tasks set status = '${next.length === 0 ? 'completed' : 'in_progress'}', progress = ${part + 1}
         from ${GROUP} where id = $task`,
      // A task never has two executions under way: this write waits for the first.
      insert(next, { status: "'running'" }, 'w0 g'),
      ...WRITTEN_BY_STEPS.map((table) => insert(share(table), {})),
    ])
  })
  return [accept, ...ends]
}

const GROUP = 'generate_series(1, $group) g'
const WRITTEN_BY_STEPS = [
  'data_pipeline_task_logs',
  'data_pipeline_task_outputs',
  'task_checkpoints',
  'task_events',
] as const

function insert(rows: readonly Row[], changes: Record<string, string>, from = GROUP): string {
  const [first] = rows
  if (first === undefined) return ''
  const columns = Object.keys(first.values)
  const tuples = rows.map(({ values }) => `(${columns.map((column) => changes[column] ?? values[column]).join(', ')})`)
  return `insert into ${first.table} (${columns.map(quoteIdentifier).join(', ')})
          select v.* from ${from} cross join lateral (values ${tuples.join(', ')}) v`
}

/** Several writes as one statement, as one round trip and one commit. */
function together(writes: readonly string[]): string {
  const parts = writes
    .filter((write) => write !== '')
    .map((write, index) => {
      const returned = write.startsWith('update') ? 'g.g' : '1'
      return `w${index} as (${write} returning ${returned})`
    })
  return `with ${parts.join(', ')} select 1`
}

/** Runs the statements by pgbench, so many clients at once. @param group workflows of one statement. @returns workflows per second */
export async function rawRate(
  url: string,
  statements: readonly string[],
  { clients, group, seconds, directory }: { clients: number; group: number; seconds: number; directory: string },
): Promise<number> {
  const script = join(directory, 'raw.sql')
  const task = "('raw_'||:task::bigint::text||'_'||g.g::text)"
  const lines = statements.map((text) => text.replaceAll('$task', task).replaceAll('$group', String(group)))
  const oneLine = lines.map((line) => `${line.replaceAll(/\s+/g, ' ')};`)
  await writeFile(script, ['\\set task random(1, 1000000000000)', ...oneLine].join('\n'))
  const options = ['-n', '-M', 'prepared', '-c', String(clients), '-T', String(seconds), '-f', script, url]
  const pgbench = spawn('pgbench', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  pgbench.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await new Promise((done, fail) => pgbench.on('error', fail).on('close', done))
  const rate = /tps = ([\d.]+)/.exec(output)?.[1]
  if (rate === undefined || !/failed transactions: 0/.test(output))
    throw new Error(`pgbench did not measure: ${output}`)
  return Number(rate) * group
}
