import { rescueExecution } from '../../engine/sweep.ts'
import type { FaultTarget } from '../incidents/fault.ts'
import type { Repair } from '../incidents/repair.ts'

// To the millisecond: facts carry no more, and whoever wrote the row by SQL may have written microseconds.
const SILENT_SINCE = (at: string) => `date_trunc('milliseconds', heartbeat_at) <= ${at}`

// Only what that worker still holds by the same claim, and has not reported for since.
const END_LEASE = `
  update data_pipeline_task_executions
     set lease_expires_at = $4
   where execution_id = $1 and claim = $2 and lease_owner = $3 and status = 'running' and ${SILENT_SINCE('$5')}
  returning execution_id`

const STILL_HELD = `
  select execution_id
    from data_pipeline_task_executions
   where lease_owner = $1 and status = 'running' and execution_id = any ($2) and ${SILENT_SINCE('$3')}`

/** Ends the leases of a worker that is gone and takes its work over, without waiting for them to lapse. */
export const takeOverRunner: Repair = {
  name: 'take-over-runner',
  async run(platform, target, guard) {
    let taken = 0
    for (const { execution_id: id, claim } of executionsOf(target)) {
      const ended = await platform.store.transaction(async (tx) => {
        await guard.hold(tx, { before: { owner: target.id, execution_id: id, claim }, after: { lease: 'ended' } })
        const values = [id, claim, target.id, platform.clock.now(), target.facts.heartbeat_at]
        return (await tx.query(END_LEASE, values)).rowCount
      })
      // Also where it was ended before: whoever died in between may have left the rest undone.
      const done = await rescueExecution(platform, id, claim)
      if (ended > 0 || (done !== null && done !== 'leave')) taken += 1
    }
    return {
      changed: taken > 0,
      summary: { zh: `已接管 ${taken} 个执行`, en: `${taken} executions were taken over` },
    }
  },
  /** Not how long it has been silent, but whether it still holds any of what it held. */
  async verify({ store }, target) {
    const ids = executionsOf(target).map(({ execution_id: id }) => id)
    const { rowCount } = await store.query(STILL_HELD, [target.id, ids, target.facts.heartbeat_at])
    return rowCount === 0 ? 'fixed' : 'not_fixed'
  },
}

function executionsOf({ facts }: FaultTarget): readonly { execution_id: string; claim: number }[] {
  return facts.executions as readonly { execution_id: string; claim: number }[]
}
