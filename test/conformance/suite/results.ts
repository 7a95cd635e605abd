import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TargetName, Words } from '../target.ts'
import type { Case } from './case.ts'
import type { Result } from './play.ts'

/** One target's last whole run. */
export interface Recorded {
  /** The day of the run. */
  readonly on: string
  /** Which cases there were: `suiteOf`. */
  readonly suite: string
  /** How the target was made, where there are several ways. */
  readonly how?: Words
  readonly results: readonly Result[]
}

/** The last whole run of each target that was ever run. */
export type Recordings = Readonly<Partial<Record<TargetName, Recorded>>>

/** Where whole runs are kept: they are made one target after the other, on whatever machine has it. */
export const RESULTS_FILE = fileURLToPath(new URL('../results.json', import.meta.url))

/** Changes with the names of the cases, so that a recorded run of another suite is known for one. */
export function suiteOf(cases: readonly Case[]): string {
  const names = cases.map(({ subject, name }) => `${subject}: ${name}`).toSorted()
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 12)
}

/** The recorded runs; none where there is no such file. */
export async function readRecordings(file: string = RESULTS_FILE): Promise<Recordings> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return JSON.parse(text) as Recordings
}

/** Only the runs of this suite: those of a former one say nothing of the cases that there are now. */
export function currentOf(recordings: Recordings, suite: string): Recordings {
  return Object.fromEntries(Object.entries(recordings).filter(([, recorded]) => recorded.suite === suite))
}

/**
 * Puts runs in the place of their targets' former ones. How long cases took is left out: it says more of a machine than
 * of a platform.
 * @returns everything that is recorded now
 */
export async function record(runs: Recordings, file: string = RESULTS_FILE): Promise<Recordings> {
  const all: Partial<Record<TargetName, Recorded>> = { ...(await readRecordings(file)) }
  for (const [name, run] of Object.entries(runs)) {
    all[name as TargetName] = { ...run, results: run.results.map((result) => ({ ...result, ms: 0 })) }
  }
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`)
  return all
}
