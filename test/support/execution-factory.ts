import type { Execution } from '../../shared/engine/execution.ts'

export const NOW = new Date('2025-06-27T14:30:52Z')

/** A moment so many seconds before `NOW`. */
export function ago(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000)
}

/** A running execution with a live lease, changed where a test needs it. */
export function execution(changes: Partial<Execution> = {}): Execution {
  return {
    executionId: 'task_20250627_143052_step_qa_generation_exec_20250627143052',
    taskId: 'task_20250627_143052',
    step: 'qa_generation',
    functionName: null,
    status: 'running',
    runId: 'task_20250627_143052_step_complete_exec_20250627143052',
    remainingSteps: ['sql_validation', 'training_load'],
    attempt: 0,
    maxAttempts: 3,
    claim: 1,
    priority: 0,
    concurrencyKey: 'shop',
    createdAt: ago(60),
    availableAt: ago(60),
    admittedAt: ago(60),
    startedAt: ago(60),
    completedAt: null,
    leaseOwner: 'worker:1',
    leaseExpiresAt: ago(-20),
    heartbeatAt: ago(5),
    cancelRequestedAt: null,
    deadlineAt: ago(-7000),
    timeoutMs: 7_200_000,
    progress: 0.5,
    forceExecuted: false,
    filesCleaned: false,
    cleanPrevious: false,
    result: null,
    errorMessage: null,
    errorCode: null,
    ...changes,
  }
}
