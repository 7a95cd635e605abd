import type { FaultClass } from '../incidents/fault.ts'
import { crashedRunner } from './crashed-runner.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { lapsedLease } from './lapsed-lease.ts'
import { leakedConnection } from './leaked-connection.ts'
import { lockWaitChain } from './lock-wait-chain.ts'
import { lostMessage } from './lost-message.ts'
import { missedVacuum } from './missed-vacuum.ts'
import { slowQuery } from './slow-query.ts'
import { stuckTask } from './stuck-task.ts'

/** Every kind of fault that is looked for, a line each. */
export const FAULTS: readonly FaultClass[] = [
  crashedRunner,
  idleInTransaction,
  lapsedLease,
  leakedConnection,
  lockWaitChain,
  lostMessage,
  missedVacuum,
  slowQuery,
  stuckTask,
]
