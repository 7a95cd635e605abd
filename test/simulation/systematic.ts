import type { Strike } from './faults.ts'
import { type Flow, quietPlan } from './plan.ts'
import type { Theatre } from './stage.ts'

export interface Systematic {
  readonly points: number
  readonly failures: readonly {
    readonly strike: Strike
    readonly violation: { readonly invariant: string; readonly message: string }
  }[]
}

const NODE = { holds: true, timeout_ms: 3_600_000, max_attempts: 3 }
/** Two nodes side by side, of which one has nothing to do. */
const DIAMOND: Flow = [
  { ...NODE, name: 'first', needs: [] },
  { ...NODE, name: 'left', needs: ['first'] },
  { ...NODE, name: 'right', needs: ['first'], holds: false },
  { ...NODE, name: 'last', needs: ['left', 'right'] },
]

/**
 * One task of four steps and one run of a workflow, each once for every await of a port: the process dies there, before or
 * after what it asked for was done.
 */
export async function playSystematically(theatre: Theatre): Promise<Systematic> {
  let points = 0
  const failures: { strike: Strike; violation: { invariant: string; message: string } }[] = []
  for (const plan of [quietPlan(null), quietPlan(DIAMOND)]) {
    const undisturbed = await theatre.play(plan)
    if (undisturbed.violation !== null) throw undisturbed.violation
    const strikes = undisturbed.callSteps.flatMap((step): Strike[] => [
      { step, kind: 'kill-before' },
      { step, kind: 'kill-after' },
    ])
    points += strikes.length
    for (const strike of strikes) {
      const { violation } = await theatre.play(plan, { strike })
      if (violation !== null)
        failures.push({ strike, violation: { invariant: violation.invariant, message: violation.message } })
    }
  }
  return { points, failures }
}
