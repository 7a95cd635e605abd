import { timestampId } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import type { Execution } from './execution.ts'
import type { NextRecord } from './write.ts'

/** `{task_id}_step_{step}_exec_{YYYYMMDDHHMMSS}` @param step or node, or `complete` for a run */
export function executionIdAt(platform: Platform, taskId: string, step: string, now: Date): string {
  return `${taskId}_step_${step}_exec_${timestampId(now, platform.clock.timeZone).replace('_', '')}`
}

/** An execution that was just inserted with a lease of this worker, as its row says. */
export function leasedExecution(
  platform: Platform,
  next: Omit<NextRecord, 'execution_id'>,
  { executionId, taskId, at }: { executionId: string; taskId: string; at: Date },
): Execution {
  return {
    executionId,
    taskId,
    step: next.step,
    functionName: null,
    status: 'running',
    runId: next.run_id,
    remainingSteps: next.remaining,
    attempt: 0,
    maxAttempts: next.max_attempts,
    claim: 1,
    priority: next.priority,
    concurrencyKey: next.concurrency_key,
    createdAt: at,
    availableAt: at,
    admittedAt: at,
    startedAt: at,
    completedAt: null,
    leaseOwner: platform.workerId,
    leaseExpiresAt: next.lease_expires_at,
    heartbeatAt: at,
    cancelRequestedAt: null,
    deadlineAt: new Date(at.getTime() + next.timeout_ms),
    timeoutMs: next.timeout_ms,
    progress: 0,
    forceExecuted: false,
    filesCleaned: false,
    cleanPrevious: false,
    result: null,
    errorMessage: null,
    errorCode: null,
  }
}
