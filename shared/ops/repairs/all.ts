import type { Repair } from '../incidents/repair.ts'
import { breakLockChain } from './break-lock-chain.ts'
import { cleanUpTask } from './clean-up-task.ts'
import { endIdleSession } from './end-idle-session.ts'
import { endOverdueExecution } from './end-overdue-execution.ts'
import { freeDisk } from './free-disk.ts'
import { lookAgain } from './look-again.ts'
import { reachSource } from './reach-source.ts'
import { reclaimConnection } from './reclaim-connection.ts'
import { redriveDeadLetters } from './redrive-dead-letters.ts'
import { resendMessage } from './resend-message.ts'
import { restoreWorkflow } from './restore-workflow.ts'
import { resumeRuns } from './resume-runs.ts'
import { stopStatementRepair } from './stop-statement.ts'
import { takeOverLease } from './take-over-lease.ts'
import { takeOverRunner } from './take-over-runner.ts'
import { tryComponent, tryModel } from './try-operation.ts'
import { vacuumTable } from './vacuum-table.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = [
  breakLockChain,
  cleanUpTask,
  endIdleSession,
  endOverdueExecution,
  freeDisk,
  lookAgain,
  reachSource,
  reclaimConnection,
  redriveDeadLetters,
  resendMessage,
  restoreWorkflow,
  resumeRuns,
  stopStatementRepair,
  takeOverLease,
  takeOverRunner,
  tryComponent,
  tryModel,
  vacuumTable,
]
