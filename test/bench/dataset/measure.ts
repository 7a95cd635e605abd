import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { readCatalog } from '../../../shared/dataset/catalog/read-catalog.ts'
import { openPostgresSource } from '../../../shared/platform/postgres-source.ts'
import { type Counts, counting, countStatements } from '../counting.ts'
import { type ScratchStore, scratchStore } from '../scratch.ts'
import { runTask } from '../statements.ts'
import { type GeneratedSchema, schemaSql } from './schema.ts'

export interface DatasetFigures extends GeneratedSchema {
  readonly pairs: number
  readonly catalogStatements: number
  readonly catalogMs: number
  /** With the keys that nobody declared, as the steps read it. */
  readonly inferringStatements: number
  readonly inferringMs: number
  /** Wall time by part of the task, in ms; embedding costs nothing here. */
  readonly steps: Readonly<Record<string, number>>
  /** What of it this process computed, by part, in ms. */
  readonly cpu: Readonly<Record<string, number>>
  readonly seconds: number
  /** The sum of `cpu`: the rest is the server's, or whatever else the machine did. */
  readonly cpuSeconds: number
  readonly heapPeakMb: number
  readonly rssPeakMb: number
  readonly secondLoad: {
    readonly inserted: number
    readonly removed: number
    readonly reembedded: number
    readonly embeddingCalls: number
    /** Rows of the training store that the second load left as they were, of all. */
    readonly untouched: number
    readonly rows: number
    readonly seconds: number
  }
}

const SAMPLE_MS = 200
const CATALOG_READS = 5

/** Makes the schema in a database of its own, runs the main job on it twice, and drops it. */
export async function measureDataset(serverUrl: string, schema: GeneratedSchema): Promise<DatasetFigures> {
  await using source = await scratchStore(serverUrl)
  await emptied(source, schema)
  await using scratch = await scratchStore(serverUrl)
  const takeOff = countStatements(scratch.database)
  const directory = await mkdtemp(join(tmpdir(), 'helix-bench-'))
  const memory = watchMemory()
  try {
    const catalog = await measureCatalog(source.url)
    const body = { db_name: 'bench', language: 'en' }
    const first = await runTask(scratch, source.url, directory, body)
    const before = await rowVersions(scratch.admin)
    const second = await runTask(scratch, source.url, directory, body)
    const after = await rowVersions(scratch.admin)
    const results = await resultsOf(scratch.admin, second.taskId)
    return {
      ...schema,
      ...catalog,
      pairs: results.sql ?? 0,
      ...timesOf(first.parts),
      ...memory.stop(),
      secondLoad: {
        inserted: results.inserted ?? 0,
        removed: results.removed ?? 0,
        reembedded: results.reembedded ?? 0,
        embeddingCalls: Object.values(second.parts).reduce((sum, part) => sum + (part['embedder.requests'] ?? 0), 0),
        untouched: [...after].filter(([id, version]) => before.get(id) === version).length,
        rows: after.size,
        seconds: timesOf(second.parts).seconds,
      },
    }
  } finally {
    memory.stop()
    takeOff()
    await rm(directory, { recursive: true, force: true })
  }
}

/** The scratch database is migrated as a store; a source has none of that. */
async function emptied(source: ScratchStore, schema: GeneratedSchema): Promise<void> {
  await source.admin.query('drop schema public cascade')
  await source.admin.query('create schema public')
  for (const statement of schemaSql(schema)) await source.admin.query(statement)
}

type CatalogFigures = Pick<DatasetFigures, 'catalogMs' | 'catalogStatements' | 'inferringMs' | 'inferringStatements'>

async function measureCatalog(url: string): Promise<CatalogFigures> {
  await using source = await openPostgresSource('bench', url)
  const [catalogMs, catalogStatements] = await fastestReading(() => readCatalog(source))
  const [inferringMs, inferringStatements] = await fastestReading(() => readCatalog(source, { inferKeys: true }))
  return { catalogMs, catalogStatements, inferringMs, inferringStatements }
}

/** The fastest of some readings: the others waited for something else. */
async function fastestReading(read: () => Promise<unknown>): Promise<readonly [ms: number, statements: number]> {
  let [fastest, statements] = [Number.POSITIVE_INFINITY, 0]
  for (let round = 0; round < CATALOG_READS; round++) {
    const counts: Counts = {}
    const begun = performance.now()
    await counting(counts, read)
    fastest = Math.min(fastest, performance.now() - begun)
    statements = counts['source.statements'] ?? 0
  }
  return [fastest, statements]
}

type Times = Pick<DatasetFigures, 'steps' | 'cpu' | 'seconds' | 'cpuSeconds'>

function timesOf(parts: Readonly<Record<string, Counts>>): Times {
  const byPart = (what: string) =>
    Object.fromEntries(Object.entries(parts).map(([name, counts]) => [name, counts[what] ?? 0]))
  const [steps, cpu] = [byPart('wall.ms'), byPart('cpu.ms')]
  const total = (times: Readonly<Record<string, number>>) =>
    Object.values(times).reduce((sum, ms) => sum + ms, 0) / 1000
  return { steps, cpu, seconds: total(steps), cpuSeconds: total(cpu) }
}

async function resultsOf(admin: pg.Client, taskId: string): Promise<Record<string, number>> {
  const { rows } = await admin.query<{ result: Record<string, number> }>(
    `select execution_result as result from data_pipeline_task_executions
      where task_id = $1 and execution_step = 'training_load'`,
    [taskId],
  )
  return rows[0]?.result ?? {}
}

/** A row that was written again has another version. */
async function rowVersions(admin: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await admin.query<{ id: string; version: string }>(
    'select id, xmin::text as version from langchain_pg_embedding',
  )
  return new Map(rows.map(({ id, version }) => [id, version]))
}

function watchMemory(): { stop(): Pick<DatasetFigures, 'heapPeakMb' | 'rssPeakMb'> } {
  let [heap, rss] = [0, 0]
  const timer = setInterval(() => {
    const usage = process.memoryUsage()
    heap = Math.max(heap, usage.heapUsed)
    rss = Math.max(rss, usage.rss)
  }, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      return { heapPeakMb: heap / 1e6, rssPeakMb: rss / 1e6 }
    },
  }
}
