import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SoakRunner } from './runner.ts'
import type { Pace } from './traffic.ts'

/** What was measured at one time. */
export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number
  /** Bytes, counts and milliseconds by name: `heap`, `rows tasks`, `bytes tasks` … */
  readonly figures: Readonly<Record<string, number>>
}

interface TableSize {
  readonly name: string
  readonly bytes: string
  readonly dead: string
}

const TABLES = `
  select relname as name, pg_total_relation_size(oid) as bytes, pg_stat_get_dead_tuples(oid) as dead
    from pg_class
   where relnamespace = 'public'::regnamespace and relkind = 'r'
   order by relname`

const STATE = `
  select (select count(*) from data_pipeline_tasks where status in ('pending', 'in_progress', 'partial_completed')) as tasks_open,
         (select count(*) from incidents where status <> 'verified') as incidents_open,
         (select count(*) from alerts where status = 'firing') as alerts_firing,
         (select count(*) from alert_deliveries where status in ('taken', 'retrying')) as deliveries_open,
         (select count(*) from pg_stat_activity where datname = current_database()) as connections`

/** Measures process, store and files. */
export async function takeSample(
  runner: SoakRunner,
  filesRoot: string,
  begunMs: number,
  pace: Pick<Pace, 'collecting'>,
): Promise<Sample> {
  pace.collecting = true
  const measured = await runner.figures().finally(() => {
    pace.collecting = false
  })
  const { rss, heap, external, delayMs, files: handles, computedMs, waitedMs } = measured
  const tables = await runner.query<TableSize>(TABLES)
  const [state = {}] = await runner.query<Record<string, string>>(STATE)
  const counted = await runner.query<{ name: string; rows: string }>(countsOf(tables.map(({ name }) => name)))
  const disk = diskUse(filesRoot)
  const numbers = Object.entries(state).map(([name, value]) => [name, Number(value)] as const)
  return {
    at: (Date.now() - begunMs) / 1_000,
    figures: {
      rss,
      heap,
      external,
      loop_delay_ms: delayMs,
      computed_ms: computedMs,
      waited_ms: waitedMs,
      handles,
      ...Object.fromEntries(numbers),
      files: disk.files,
      files_bytes: disk.bytes,
      ...Object.fromEntries(tables.map(({ name, bytes }) => [`bytes ${name}`, Number(bytes)])),
      ...Object.fromEntries(tables.map(({ name, dead }) => [`dead ${name}`, Number(dead)])),
      ...Object.fromEntries(counted.map(({ name, rows }) => [`rows ${name}`, Number(rows)])),
    },
  }
}

/** The names come from the catalog of our own store, and none has a quote in it. */
function countsOf(tables: readonly string[]): string {
  return tables.map((name) => `select '${name}' as name, count(*) as rows from "${name}"`).join('\n union all\n')
}

function diskUse(root: string): { files: number; bytes: number } {
  let [files, bytes] = [0, 0]
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    files += 1
    // It may have been deleted since it was listed.
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return { files, bytes }
}
