import { findExecution } from '../../engine/execution.ts'
import { rescueExecution } from '../../engine/sweep.ts'
import type { Repair } from '../incidents/repair.ts'

// Of that claim only, and only while it is overdue. Facts carry milliseconds, a row that was written by SQL may have more.
const END_LEASE = `
  update data_pipeline_task_executions
     set lease_expires_at = $3
   where execution_id = $1 and claim = $2 and status = 'running' and date_trunc('milliseconds', deadline_at) = $4
     and deadline_at < $3
  returning execution_id`

/** Takes an execution from a worker that does not heed its deadline: that worker is fenced, the attempt counts as failed. */
export const endOverdueExecution: Repair = {
  name: 'end-overdue-execution',
  async run(platform, { id, facts }, guard) {
    const claim = Number(facts.claim)
    const ended = await platform.store.transaction(async (tx) => {
      await guard.hold(tx, { before: facts, after: { lease: 'ended' } })
      return (await tx.query(END_LEASE, [id, claim, platform.clock.now(), facts.deadline_at])).rowCount
    })
    const done = await rescueExecution(platform, id, claim)
    const changed = ended > 0 || (done !== null && done !== 'leave')
    return {
      changed,
      summary: changed
        ? { zh: '已收回执行权，该次尝试按超时处理', en: 'Taken from its worker; the attempt counts as timed out' }
        : { zh: '已结束或已换人执行，未改动', en: 'It has ended or moved on; nothing was changed' },
    }
  },
  /** Not how late it is, but whether that claim still works. */
  async verify({ store }, { id, facts }) {
    const execution = await findExecution(store, id)
    if (execution === null || execution.status !== 'running') return 'fixed'
    return execution.claim > Number(facts.claim) ? 'fixed' : 'not_fixed'
  },
}
