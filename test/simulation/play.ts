import type { Strike } from './faults.ts'
import { planOf } from './plan.ts'
import type { Theatre } from './stage.ts'

/** What is fixed from outside; the rest is the seed's. */
export interface Settings {
  readonly runners?: number | undefined
  readonly tasks?: number | undefined
  readonly requests?: number | undefined
  /** Steps at which a fault strikes, and no others; null for those of the plan's rate. */
  readonly faults: readonly number[] | null
}

export interface Outcome {
  readonly seed: number
  readonly hash: string
  readonly steps: number
  readonly struck: readonly Strike[]
  readonly violation: { readonly invariant: string; readonly message: string } | null
  readonly counts: Readonly<Record<string, number>>
  readonly trace: readonly string[] | null
}

/** Plays one seed from the beginning to rest, or to its first violation. */
export async function playSeed(
  theatre: Theatre,
  seed: number,
  settings: Settings = { faults: null },
  trace = false,
): Promise<Outcome> {
  const faultSteps = settings.faults === null ? null : new Set(settings.faults)
  const world = await theatre.play(planOf(seed, settings), { faultSteps, trace })
  const { violation } = world
  return {
    seed,
    hash: world.traceHash(),
    steps: world.step,
    struck: world.struck,
    violation: violation === null ? null : { invariant: violation.invariant, message: violation.message },
    counts: world.counts,
    trace: world.tracing,
  }
}

/** The size of a seed's own world. */
export function planFrom(seed: number): { runners: number; tasks: number; requests: number } {
  const { runners, tasks, requests } = planOf(seed)
  return { runners, tasks, requests }
}

/** As the command line takes them. */
export function settingsFlags({ runners, tasks, requests, faults }: Settings): string {
  const numbers = Object.entries({ runners, tasks, requests }).flatMap(([name, number]) =>
    number === undefined ? [] : [`--${name} ${number}`],
  )
  return [...numbers, ...(faults === null ? [] : [`--faults ${faults.length === 0 ? "''" : faults.join(',')}`])].join(
    ' ',
  )
}
