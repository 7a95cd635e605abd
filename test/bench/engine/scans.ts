import pg from 'pg'

/** How long something took, and what the server read for it. */
export interface Scan {
  readonly name: string
  readonly medianMs: number
  readonly worstMs: number
  /** Rows of the big tables that were read one by one, without an index, by all the times that it ran. */
  readonly sequentialRows: number
  /** Access paths in the plans of its statements, where they can be explained. */
  readonly paths: readonly string[]
}

const BIG = ['data_pipeline_tasks', 'data_pipeline_task_executions', 'data_pipeline_task_logs']

/** Times some work on a store and watches by which paths it reads. @param before makes what it works on; not timed */
export async function scan(
  admin: pg.Client,
  name: string,
  times: number,
  work: () => Promise<unknown>,
  before: () => Promise<unknown> = async () => undefined,
): Promise<Scan> {
  const took: number[] = []
  await before()
  const statements = await capture(work) // warms up as well
  const paths = new Set<string>()
  for (const { text, values } of statements) for (const path of await pathsOf(admin, text, values)) paths.add(path)
  const read = await sequentialRows(admin)
  let preparing = 0
  for (let time = 0; time < times; time += 1) {
    const start = await sequentialRows(admin)
    await before()
    preparing += (await sequentialRows(admin)) - start
    const begun = performance.now()
    await work()
    took.push(performance.now() - begun)
  }
  const rows = (await sequentialRows(admin)) - read - preparing
  took.sort((one, other) => one - other)
  return {
    name,
    medianMs: took[Math.floor(took.length / 2)] ?? Number.NaN,
    worstMs: took.at(-1) ?? Number.NaN,
    sequentialRows: rows,
    paths: [...paths].toSorted(),
  }
}

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The statements that this process sends while it works. */
async function capture(work: () => Promise<unknown>): Promise<Statement[]> {
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown }
  const original = prototype.query
  const found: Statement[] = []
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first, second] = args
    const given = typeof first === 'string' ? { text: first, values: second } : (first as Partial<Statement>)
    if (typeof given.text === 'string')
      found.push({ text: given.text, values: Array.isArray(given.values) ? given.values : [] })
    return original.apply(this, args)
  }
  try {
    await work()
  } finally {
    prototype.query = original
  }
  return found
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

async function pathsOf(admin: pg.Client, text: string, values: readonly unknown[]): Promise<string[]> {
  if (!/^\s*(\(?select|with|update|insert|delete)/i.test(text)) return []
  try {
    await admin.query('begin')
    const { rows } = await admin.query(`explain (format json) ${text}`, [...values])
    return leaves(rows[0]['QUERY PLAN'][0].Plan as PlanNode)
  } catch {
    return [] // what can't be explained alone; the counters of rows still tell
  } finally {
    await admin.query('rollback')
  }
}

function leaves(node: PlanNode): string[] {
  const own = node['Index Name'] ?? (node['Node Type'] === 'Seq Scan' ? `every row of ${node['Relation Name']}` : null)
  const below = (node.Plans ?? []).flatMap(leaves)
  return own === null ? below : [own, ...below]
}

/** By the server's own counters: also what functions in SQL read. Sessions tell theirs after a second at the latest. */
async function sequentialRows(admin: pg.Client): Promise<number> {
  await new Promise((done) => setTimeout(done, FLUSH_MS))
  await admin.query('select pg_stat_clear_snapshot()')
  const { rows } = await admin.query<{ count: string }>(
    'select coalesce(sum(seq_tup_read), 0) as count from pg_stat_user_tables where relname = any($1)',
    [BIG],
  )
  return Number(rows[0]?.count)
}

const FLUSH_MS = 1_100
