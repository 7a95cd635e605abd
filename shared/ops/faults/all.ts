import type { FaultClass } from '../incidents/fault.ts'
import { brokenWorkflowVersion } from './broken-workflow-version.ts'
import { clockSkew } from './clock-skew.ts'
import { crashedRunner } from './crashed-runner.ts'
import { deadLetterPile } from './dead-letter-pile.ts'
import { degradedComponent } from './degraded-component.ts'
import { completedWithoutOutputs } from './dirty-data-a.ts'
import { orphanOutputs } from './dirty-data-b.ts'
import { standingTasks } from './dirty-data-c.ts'
import { attemptsExceeded } from './dirty-data-d.ts'
import { zombieExecutions } from './dirty-data-e.ts'
import { fullDisk } from './full-disk.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { interruptedRun } from './interrupted-run.ts'
import { lapsedLease } from './lapsed-lease.ts'
import { leakedConnection } from './leaked-connection.ts'
import { llmUnreachable } from './llm-unreachable.ts'
import { lockWaitChain } from './lock-wait-chain.ts'
import { lostMessage } from './lost-message.ts'
import { missedVacuum } from './missed-vacuum.ts'
import { sandboxFailureRate } from './sandbox-failure-rate.ts'
import { slowQuery } from './slow-query.ts'
import { sourceUnreachable } from './source-unreachable.ts'
import { stuckTask } from './stuck-task.ts'

/** Every kind of fault that is looked for, a line each. */
export const FAULTS: readonly FaultClass[] = [
  brokenWorkflowVersion,
  clockSkew,
  crashedRunner,
  deadLetterPile,
  degradedComponent,
  completedWithoutOutputs,
  orphanOutputs,
  standingTasks,
  attemptsExceeded,
  zombieExecutions,
  fullDisk,
  idleInTransaction,
  interruptedRun,
  lapsedLease,
  leakedConnection,
  llmUnreachable,
  lockWaitChain,
  lostMessage,
  missedVacuum,
  sandboxFailureRate,
  slowQuery,
  sourceUnreachable,
  stuckTask,
]
