import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quantile } from './closed-loop.ts'
import { fileWork, openHelix } from './helix.ts'

const PAUSE_MS = 20 // between requests: the engine is idle when one comes

/** Runs something in a directory that is removed afterwards. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'helix-bench-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export interface StartLatency {
  /** From the request's acknowledgement to the first line of the first step's work; negative where the work begins before. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  readonly count: number
}

/** How soon an idle engine begins what it has acknowledged, in one process. */
export async function acceptToStart(url: string, count: number): Promise<StartLatency> {
  return await inDirectory(async (directory) => {
    let begun = 0
    const helix = await openHelix({ url, directory }, (step) =>
      fileWork(step, () => {
        if (step === 'ddl_generation') begun = performance.now()
      }),
    )
    const waits: number[] = []
    for (let run = 0; run < count + WARM_RUNS; run += 1) {
      const taskId = await helix.accept()
      const acknowledged = performance.now()
      await helix.finished(taskId)
      if (run >= WARM_RUNS) waits.push(begun - acknowledged)
      await new Promise((done) => setTimeout(done, PAUSE_MS))
    }
    await helix.close()
    waits.sort((one, other) => one - other)
    return { p50Ms: quantile(waits, 0.5), p99Ms: quantile(waits, 0.99), worstMs: waits.at(-1) ?? Number.NaN, count }
  })
}

const WARM_RUNS = 30

/** Lines per second of one step that does nothing but tell what it does, until its task is over. */
export async function logLinesPerSecond(url: string, lines: number): Promise<number> {
  return await inDirectory(async (directory) => {
    let begun = 0
    const helix = await openHelix({ url, directory }, (step) => async (context) => {
      if (step !== 'ddl_generation') return { result: {}, required: [] }
      begun = performance.now()
      for (let line = 1; line <= lines; line += 1) {
        context.log('INFO', { zh: `第 ${line} 行`, en: `Reading table number ${line} of the source` }, { line })
        if (line % LINES_AT_ONCE === 0) await new Promise((done) => setImmediate(done))
      }
      return { result: { lines }, required: [] }
    })
    await helix.run()
    const seconds = (performance.now() - begun) / 1_000
    const { rows } = await helix.platform.store.query<{ count: string }>(
      "select count(*) from data_pipeline_task_logs where message like 'Reading table number %'",
    )
    await helix.close()
    if (Number(rows[0]?.count) < lines) throw new Error(`Of ${lines} lines ${rows[0]?.count} were stored`)
    return lines / seconds
  })
}

const LINES_AT_ONCE = 100
