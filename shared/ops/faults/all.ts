import type { FaultClass } from '../incidents/fault.ts'
import { crashedRunner } from './crashed-runner.ts'
import { completedWithoutOutputs } from './dirty-data-a.ts'
import { orphanOutputs } from './dirty-data-b.ts'
import { standingTasks } from './dirty-data-c.ts'
import { attemptsExceeded } from './dirty-data-d.ts'
import { zombieExecutions } from './dirty-data-e.ts'
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
  completedWithoutOutputs,
  orphanOutputs,
  standingTasks,
  attemptsExceeded,
  zombieExecutions,
  idleInTransaction,
  lapsedLease,
  leakedConnection,
  lockWaitChain,
  lostMessage,
  missedVacuum,
  slowQuery,
  stuckTask,
]
