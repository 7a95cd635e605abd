import type { AdjustableClock } from '../clock/adjustable-clock.ts'
import type { Faults } from '../faults/faults.ts'
import type { Broker } from '../queue/port.ts'
import type { LocalSchedule } from '../schedule/local-schedule.ts'
import type { Happenings } from './happenings.ts'
import type { Call, Invocations } from './invocations.ts'

/** What the runner lets its developer see and do. */
export interface Controls {
  readonly clock: AdjustableClock
  readonly queue: Broker
  readonly schedule: LocalSchedule
  readonly faults: Faults
  readonly invocations: Invocations
  readonly happenings: Happenings
  /** Calls a function again, in the background. */
  replay(name: string, call: Call): void
  /** Aborts when the process is asked to stop. */
  readonly stopping: AbortSignal
}
