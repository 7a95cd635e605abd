import type { Repair } from '../incidents/repair.ts'
import { breakLockChain } from './break-lock-chain.ts'
import { cleanUpTask } from './clean-up-task.ts'
import { endIdleSession } from './end-idle-session.ts'
import { endOverdueExecution } from './end-overdue-execution.ts'
import { lookAgain } from './look-again.ts'
import { reclaimConnection } from './reclaim-connection.ts'
import { resendMessage } from './resend-message.ts'
import { stopStatementRepair } from './stop-statement.ts'
import { takeOverLease } from './take-over-lease.ts'
import { takeOverRunner } from './take-over-runner.ts'
import { vacuumTable } from './vacuum-table.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = [
  breakLockChain,
  cleanUpTask,
  endIdleSession,
  endOverdueExecution,
  lookAgain,
  reclaimConnection,
  resendMessage,
  stopStatementRepair,
  takeOverLease,
  takeOverRunner,
  vacuumTable,
]
