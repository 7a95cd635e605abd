import type { Workload } from '../../shared/ops/cost/workload.ts'

/** A hundred tasks a minute of an ordinary size, without a model. */
export function workload(changes: Partial<Workload> = {}): Workload {
  return {
    tasksPerMinute: 100,
    tablesPerTask: 40,
    pairsPerTask: 200,
    taskSeconds: null,
    llm: null,
    retentionDays: 30,
    roundTripMs: 5,
    ...changes,
  }
}
