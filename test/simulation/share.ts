import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Verdict } from './mutant.ts'
import type { Outcome } from './play.ts'

/** What a player is asked to do. */
export type Order = { readonly seed: number } | { readonly mutant: string; readonly seedsMax: number }

export interface Tally {
  readonly seeds: number
  readonly steps: number
  readonly faults: number
  readonly counts: Readonly<Record<string, number>>
  /** In the order of their seeds. */
  readonly failed: readonly Outcome[]
}

const PLAYER = fileURLToPath(new URL('./player.ts', import.meta.url))

/** Plays seeds in several processes. */
export async function shareSeeds(
  { from, to, jobs }: { from: number; to: number; jobs: number },
  tell: (done: number, violations: number) => void,
): Promise<Tally> {
  const failed: Outcome[] = []
  const counts: Record<string, number> = {}
  let [seeds, steps, faults] = [0, 0, 0]
  const orders = Array.from({ length: to - from + 1 }, (_, index) => ({ seed: from + index }))
  await share<Outcome>(orders, jobs, (outcome) => {
    seeds += 1
    steps += outcome.steps
    faults += outcome.struck.length
    for (const [what, times] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + times
    if (outcome.violation !== null) failed.push(outcome)
    tell(seeds, failed.length)
  })
  return { seeds, steps, faults, counts, failed: failed.toSorted((one, other) => one.seed - other.seed) }
}

/** Hunts mutants in several processes. @returns the verdicts in the order of their names here */
export async function shareHunts(
  names: readonly string[],
  { seedsMax, jobs }: { seedsMax: number; jobs: number },
  tell: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const orders = names.map((mutant) => ({ mutant, seedsMax }))
  await share<Verdict>(orders, jobs, (verdict) => {
    verdicts.push(verdict)
    tell(verdict)
  })
  return verdicts.toSorted((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
}

/** Every process, each with a Postgres of its own, takes the next order when it is done with one. */
async function share<Answer>(orders: readonly Order[], jobs: number, take: (answer: Answer) => void): Promise<void> {
  let next = 0
  const player = () =>
    new Promise<void>((done, fail) => {
      const child = fork(PLAYER, { execArgv: ['--import', 'tsx'] })
      child.on('message', (answer: Answer | 'ready') => {
        if (answer !== 'ready') take(answer)
        child.send(orders[next++] ?? 'end')
      })
      child.on('error', fail)
      child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`A player ended with ${code}`))))
    })
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, orders.length)) }, player))
}
