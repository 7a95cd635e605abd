import { ENGINE, type Mutation, mutation, WRITES } from './mutation.ts'

/** What a task tells of itself, and cancellation. */
export const STATUS: readonly Mutation[] = [
  mutation('cancellation-ignored', WRITES, 'and (not i.unless_cancelled or e.cancel_requested_at is null)', ''),
  mutation(
    'cancellation-not-told',
    'shared/engine/lease-keeper.ts',
    'if (written.cancel_requested) this',
    'if (written.claim < 0) this',
  ),
  mutation(
    'cancellation-of-a-zombie-forgotten',
    'shared/engine/rescue.ts',
    "  if (execution.cancelRequestedAt !== null) return { kind: 'cancel' }\n  // Promised",
    '  // Promised',
  ),
  mutation(
    'running-work-cancelled-over-its-worker',
    'shared/engine/cancel-task.ts',
    "(status = 'running' and heartbeat_at is null)",
    "status = 'running'",
  ),
  mutation(
    'promised-work-not-cancelled-at-once',
    'shared/engine/cancel-task.ts',
    "(status = 'queued' or (status = 'running' and heartbeat_at is null))",
    "status = 'queued'",
  ),
  mutation('progress-falls', ENGINE, 'else greatest(t.progress, n.progress) end', 'else n.progress - 1 end'),
  mutation(
    'progress-ahead-of-the-work',
    'shared/engine/step-context.ts',
    '* finished) / Math.max',
    '* (finished + 1)) / Math.max',
  ),
  mutation(
    'progress-forgets-the-saved',
    'shared/engine/step-context.ts',
    'let finished = items.length - pending',
    'let finished = 0',
  ),
  mutation(
    'hole-in-the-feed',
    WRITES,
    'set progress = i.task_progress, event_seq = event_seq + 1',
    'set progress = i.task_progress, event_seq = event_seq + 2',
  ),
  mutation(
    'step-of-a-let-in-run-not-told',
    ENGINE,
    "jsonb_build_object(a ->> 'step', 'running')",
    "jsonb_build_object(a ->> 'step', 'pending')",
  ),
  mutation('end-of-a-task-not-told', 'shared/engine/ending.ts', '    completedAt: ended,', '    completedAt: null,'),
]
