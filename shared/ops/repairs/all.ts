import type { Repair } from '../incidents/repair.ts'
import { breakLockChain } from './break-lock-chain.ts'
import { cleanUpTask } from './clean-up-task.ts'
import { endIdleSession } from './end-idle-session.ts'
import { lookAgain } from './look-again.ts'
import { reclaimConnection } from './reclaim-connection.ts'
import { stopStatementRepair } from './stop-statement.ts'
import { vacuumTable } from './vacuum-table.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = [
  lookAgain,
  stopStatementRepair,
  endIdleSession,
  breakLockChain,
  reclaimConnection,
  vacuumTable,
  cleanUpTask,
]

import { endOverdueExecution } from './end-overdue-execution.ts'
import { lookAgain } from './look-again.ts'
import { resendMessage } from './resend-message.ts'
import { takeOverLease } from './take-over-lease.ts'
import { takeOverRunner } from './take-over-runner.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = [lookAgain, endOverdueExecution, resendMessage, takeOverLease, takeOverRunner]
