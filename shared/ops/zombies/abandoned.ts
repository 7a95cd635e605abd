import type { Execution } from '../../engine/execution.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { isFull, listUnderWay } from '../incidents/under-way.ts'

/** When executions are judged, and whether any worker had room for more then. */
export interface Moment {
  readonly now: Date
  /** Every worker that can be seen has as many steps as it takes. */
  readonly isFull: boolean
}

const PROMISE_MS_MAX = 60_000 // a message that waits in a long queue comes late; the sweep sends it again before this

/**
 * Whether nobody works on a running execution any more: its lease has lapsed, or was never given. This is the one rule for
 * zombies, wherever they are looked for. While every worker is full, what was promised to a message and has never been taken
 * waits for room: it has lost no worker.
 */
export function isAbandoned(
  execution: Pick<Execution, 'leaseExpiresAt' | 'heartbeatAt' | 'startedAt' | 'availableAt'>,
  { now, isFull }: Moment,
): boolean {
  const { leaseExpiresAt, heartbeatAt, startedAt, availableAt } = execution
  if (heartbeatAt !== null) return leaseExpiresAt === null || leaseExpiresAt <= now
  if (isFull) return false
  const since = leaseExpiresAt ?? startedAt ?? availableAt
  return now.getTime() - since.getTime() >= PROMISE_MS_MAX
}

/**
 * The moment by which some executions are judged. Asks the store only where one of them would be a zombie if there were room.
 * @param store the transaction that they were read in
 */
export async function momentFor(
  { clock, config }: Pick<Platform, 'clock' | 'config'>,
  store: Queryable,
  executions: readonly Execution[],
): Promise<Moment> {
  const now = clock.now()
  const matters = executions.some(
    (execution) =>
      execution.status === 'running' &&
      execution.heartbeatAt === null &&
      isAbandoned(execution, { now, isFull: false }),
  )
  return { now, isFull: matters && isFull(await listUnderWay(store), { config, clock }) }
}
