import { ACCEPTS, type Mutation, mutation, WRITES } from './mutation.ts'

/** What is written: lines, checkpoints, outputs, keys; lost, doubled, or left behind. */
export const LOST_OR_DOUBLED: readonly Mutation[] = [
  mutation('lines-written-twice', WRITES, "place > (fenced -> no::text ->> 'known_lines')::integer", 'place > 0'),
  mutation('lines-lost', 'shared/engine/lease-keeper.ts', '    this.#firstLine += lines.length\n', ''),
  mutation(
    'lines-lost-when-cancelled',
    'shared/engine/finish.ts',
    'if (written === null) {\n    keeper.putBack(pending)\n',
    'if (written === null) {\n',
  ),
  mutation(
    'checkpoints-not-written',
    WRITES,
    'where no = any (held)\n        on conflict (task_id, step, item) do nothing',
    'where false\n        on conflict (task_id, step, item) do nothing',
  ),
  mutation(
    'checkpoints-overwritten',
    WRITES,
    'on conflict (task_id, step, item) do nothing',
    'on conflict (task_id, step, item) do update set claim = excluded.claim',
  ),
  mutation('checkpoints-not-looked-for', 'shared/engine/step-context.ts', 'if (done.has(name)) return', ''),
  mutation(
    'checkpoints-kept-when-cleaned',
    'shared/engine/start-run.ts',
    'if (request.clean || !goesOn) await',
    'if (!goesOn) await',
  ),
  mutation(
    'checkpoints-kept-by-the-next-step',
    'shared/engine/finish.ts',
    'forget: (memory?.outputs ?? null) === null',
    'forget: false',
  ),
  mutation(
    'resume-begins-anew',
    'shared/engine/start-run.ts',
    "task.stepStatus[step] === 'failed' || task.stepStatus[step] === 'cancelled'",
    "task.stepStatus[step] === 'failed'",
  ),
  mutation(
    'results-out-of-order',
    'shared/engine/step-context.ts',
    'return keys.map((name) =>',
    'return [...done.keys()].map((name) =>',
  ),
  mutation(
    'outputs-not-written',
    WRITES,
    "jsonb_array_elements(item -> 'outputs') output\n      where no = any (held)",
    "jsonb_array_elements(item -> 'outputs') output\n      where no = any (held) and item ->> 'status' is null",
  ),
  mutation(
    'outputs-of-items-forgotten',
    'shared/engine/write.ts',
    '...pending.checkpoints.flatMap(({ outputs }) => outputs), ',
    '',
  ),
  mutation('hash-of-another-content', 'shared/engine/task-files.ts', 'hash: sha256(bytes)', 'hash: sha256(fileName)'),
  mutation('missing-output-passes', 'shared/engine/finish.ts', 'if (missing.length > 0)', 'if (missing.length > 1)'),
  mutation(
    'old-outputs-kept',
    'shared/engine/start-run.ts',
    '  if (request.clean) await forgetOutputs(tx, task.id, step)\n',
    '',
  ),
  mutation(
    'old-files-kept',
    'shared/engine/run-step.ts',
    'if (execution.cleanPrevious && !execution.filesCleaned) await cleanFiles(platform, execution, keeper)',
    '',
  ),
  mutation(
    'repeat-of-a-key-starts-again',
    'shared/engine/idempotency.ts',
    'if (rowCount === 0) {',
    'if (rowCount > 1) {',
  ),
  mutation(
    'repeat-of-a-key-creates-again',
    ACCEPTS,
    'do nothing;\n      if not found then\n        select request_hash',
    'do nothing;\n      if false then\n        select request_hash',
  ),
  mutation(
    'key-of-another-request',
    'shared/engine/idempotency.ts',
    'if (found.request_hash !== requestHash)',
    "if (found.request_hash === '')",
  ),
  mutation(
    'deleted-while-it-runs',
    'shared/engine/delete-task.ts',
    'if (active !== null)',
    "if (active?.status === 'queued')",
  ),
]
