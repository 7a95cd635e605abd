import type { Strike } from './faults.ts'
import { quietPlan } from './plan.ts'
import type { Theatre } from './stage.ts'

export interface Systematic {
  readonly points: number
  readonly failures: readonly {
    readonly strike: Strike
    readonly violation: { readonly invariant: string; readonly message: string }
  }[]
}

/** One task of four steps, once for each await of a port: the process dies there, before or after what it asked for was done. */
export async function playSystematically(theatre: Theatre): Promise<Systematic> {
  const plan = quietPlan()
  const undisturbed = await theatre.play(plan)
  if (undisturbed.violation !== null) throw undisturbed.violation
  const strikes = undisturbed.callSteps.flatMap((step): Strike[] => [
    { step, kind: 'kill-before' },
    { step, kind: 'kill-after' },
  ])
  const failures: { strike: Strike; violation: { invariant: string; message: string } }[] = []
  for (const strike of strikes) {
    const { violation } = await theatre.play(plan, { strike })
    if (violation !== null)
      failures.push({ strike, violation: { invariant: violation.invariant, message: violation.message } })
  }
  return { points: strikes.length, failures }
}
