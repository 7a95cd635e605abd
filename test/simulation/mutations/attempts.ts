import { type Mutation, mutation, WRITES } from './mutation.ts'

/** Retries, takeovers, and the limits of time. */
export const ATTEMPTS: readonly Mutation[] = [
  mutation(
    'retry-not-counted',
    'shared/engine/change.ts',
    'problem === null ? execution.attempt : execution.attempt + 1',
    'execution.attempt',
  ),
  mutation(
    'takeover-not-counted',
    WRITES,
    'attempt = coalesce(i.attempt, e.attempt)',
    'attempt = case when i.takeover then e.attempt else coalesce(i.attempt, e.attempt) end',
  ),
  mutation(
    'tried-for-ever',
    'shared/engine/ending.ts',
    '!problem.retryable || attempt >= execution.maxAttempts',
    '!problem.retryable',
  ),
  mutation('lasting-problem-tried-again', 'shared/engine/ending.ts', '!problem.retryable || attempt', 'attempt'),
  mutation('tried-again-at-once', 'shared/engine/ending.ts', '? backoffMs(attempt, random)', '? 0'),
  mutation('waits-ten-times-too-long', 'shared/engine/backoff.ts', 'BASE_MS * 2 **', 'BASE_MS * 20 **'),
  mutation(
    'one-attempt-too-many',
    'shared/engine/rescue.ts',
    'if (attempt >= execution.maxAttempts) return',
    'if (attempt > execution.maxAttempts) return',
  ),
  mutation(
    'given-up-at-the-first-silence',
    'shared/engine/rescue.ts',
    'if (attempt >= execution.maxAttempts) return',
    'if (attempt >= 1) return',
  ),
  mutation(
    'zombies-left-alone',
    'shared/engine/rescue.ts',
    "if (!lapsed) return { kind: 'leave' }",
    "return { kind: 'leave' }",
  ),
  mutation(
    'timeout-ignored',
    'shared/engine/lease-keeper.ts',
    'if (deadlineAt !== null && now >= deadlineAt)',
    'if (deadlineAt !== null && timeoutMs === 0)',
  ),
  mutation(
    'timeout-of-the-attempt-before',
    WRITES,
    "deadline_at = case when i.status = 'queued' and i.attempt > e.attempt then null else e.deadline_at end",
    'deadline_at = e.deadline_at',
  ),
  mutation(
    'slice-without-end',
    'shared/engine/lease-keeper.ts',
    "return now.getTime() >= endsAt ? new SliceEnd('The",
    "return endsAt === 0 ? new SliceEnd('The",
  ),
  mutation(
    'deadline-ignored',
    'shared/engine/lease-keeper.ts',
    'Number.POSITIVE_INFINITY : platform.deadline.getTime() - SLICE_MARGIN_MS',
    'Number.POSITIVE_INFINITY : Number.POSITIVE_INFINITY',
  ),
  mutation(
    'too-many-items-at-once',
    'shared/engine/step-context.ts',
    'Math.min(concurrency, items.length)',
    'Math.min(concurrency + 1, items.length)',
  ),
]
