import { Problem } from '../../platform/problems.ts'
import type { Facts } from '../incidents/fault.ts'
import { countLeft, type InterruptedRun, resumeRun } from '../incidents/interrupted-runs.ts'
import type { Repair } from '../incidents/repair.ts'

/** Goes on with the runs that an outage has ended: each once, and none that somebody has touched since. */
export const resumeRuns: Repair = {
  name: 'resume-runs',
  async run(platform, { facts }, guard) {
    let resumed = 0
    const failures: unknown[] = []
    for (const run of runsIn(facts)) {
      try {
        if (await resumeRun(platform, run, guard)) resumed += 1
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.code === 'lease_lost') throw thrown
        failures.push(thrown) // of one run: the others go on
      }
    }
    if (failures.length > 0) throw failures[0]
    return {
      changed: resumed > 0,
      summary: { zh: `${resumed} 个任务从断点继续执行`, en: `Runs that go on from where they were: ${resumed}` },
    }
  },
  /** Not how the tasks stand, but whether an execution has come after each that failed. */
  async verify({ store }, { facts }) {
    const ids = runsIn(facts).map(({ executionId }) => executionId)
    return (await countLeft(store, ids)) === 0 ? 'fixed' : 'not_fixed'
  },
}

function runsIn(facts: Facts): readonly Pick<InterruptedRun, 'taskId' | 'executionId'>[] {
  return facts.runs as readonly Pick<InterruptedRun, 'taskId' | 'executionId'>[]
}
