import { ACCEPTS, ENGINE, type Mutation, mutation } from './mutation.ts'

/** Who may run, and what comes next. */
export const SCHEDULE: readonly Mutation[] = [
  mutation(
    'one-too-many-admitted',
    ENGINE,
    "room := case when mode = 'serial' then 1 else running_max end - cardinality(busy);",
    "room := case when mode = 'serial' then 1 else running_max end - cardinality(busy) + 1;",
  ),
  mutation(
    'one-too-many-accepted',
    ACCEPTS,
    "when cardinality(busy) >= (start ->> 'running_max')::integer",
    "when cardinality(busy) > (start ->> 'running_max')::integer",
  ),
  mutation(
    'busy-key-admitted',
    ENGINE,
    'from firsts where concurrency_key <> all (busy) order by',
    'from firsts order by',
  ),
  mutation(
    'busy-key-accepted',
    ACCEPTS,
    "when start ->> 'mode' = 'mixed' and task ->> 'concurrency_key' = any (busy)",
    'when false',
  ),
  mutation(
    'second-task-waits-in-serial-mode',
    'shared/engine/start-run.ts',
    '(await countAdmitted(tx)) > 0',
    '(await countAdmitted(tx)) > 1',
  ),
  mutation(
    'priority-ignored',
    ENGINE,
    'admitted_at is null\n             order by priority desc, created_at, id\n             limit room) best;',
    'admitted_at is null\n             order by created_at, id\n             limit room) best;',
  ),
  mutation(
    'youngest-first',
    ENGINE,
    '<> all (busy) order by priority desc, created_at, id',
    '<> all (busy) order by priority desc, created_at desc, id',
  ),
  mutation(
    'accepted-without-the-lock',
    ACCEPTS,
    'perform helix_lock_schedule();\n    select coalesce',
    'select coalesce',
  ),
  mutation('admitted-without-the-lock', 'shared/engine/messages.ts', '    await lockSchedule(tx)\n', ''),
  mutation(
    'nobody-let-in-by-an-end',
    'shared/engine/change.ts',
    '...(runEnded ? { admit: admissionRules(platform.config, now) } : {}),',
    '',
  ),
  mutation('nobody-let-in-by-a-cancellation', 'shared/engine/cancel-task.ts', '    await admitAndSend(platform)\n', ''),
  mutation(
    'nobody-let-in-by-the-sweep',
    'shared/engine/sweep.ts',
    'counts.admitted = await admitAndSend(platform)',
    'counts.admitted = 0',
  ),
  mutation(
    'two-runs-of-a-task',
    'shared/engine/start-run.ts',
    '  if (active !== null) {',
    "  if (active?.status === 'running') {",
  ),
  mutation(
    'dependency-ignored',
    'shared/engine/start-run.ts',
    'if (missing !== null && !request.force)',
    "if (missing === 'ddl_generation' && !request.force)",
  ),
  mutation(
    'steps-in-another-order',
    'shared/engine/finish.ts',
    'execution.remainingSteps[0] : undefined',
    'execution.remainingSteps.at(-1) : undefined',
  ),
  mutation(
    'step-left-out',
    'shared/engine/finish.ts',
    'remaining: execution.remainingSteps.slice(1)',
    'remaining: execution.remainingSteps.slice(2)',
  ),
  mutation(
    'single-step-goes-on',
    'shared/engine/start-run.ts',
    'task, step, remaining: [], force',
    'task, step, remaining: stepsAfter(step), force',
  ),
  mutation(
    'later-steps-stay-completed',
    'shared/engine/start-run.ts',
    "filter((name) => before[name] !== 'skipped')",
    "filter((name) => before[name] === 'failed')",
  ),
]
