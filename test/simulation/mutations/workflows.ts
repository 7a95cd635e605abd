import { type Mutation, mutation } from './mutation.ts'

const OUTCOME = 'shared/engine/node-ending.ts'
const PLANNED = 'shared/engine/planned-workflow.ts'

/** Which nodes begin when, and how their run ends. */
export const WORKFLOWS: readonly Mutation[] = [
  mutation(
    'node-begun-before-a-predecessor',
    PLANNED,
    'needs.every((needed) => DONE.includes(statuses[needed])),',
    '(needs.length === 0 || needs.some((needed) => DONE.includes(statuses[needed]))),',
  ),
  mutation(
    'successor-started-twice',
    PLANNED,
    "statuses[name] === 'pending' && needs",
    "statuses[name] !== 'completed' && needs",
  ),
  mutation('ready-node-left-alone', OUTCOME, '[END_NODE] : ready)', '[END_NODE] : ready.slice(0, 1))'),
  mutation('end-of-a-run-lost', OUTCOME, '? [END_NODE] : ready)', '? [] : ready)'),
  mutation('run-ended-beside-its-nodes', OUTCOME, 'ready.length === 0 && others === 0', 'ready.length === 0'),
  mutation(
    'skip-not-passed-on',
    OUTCOME,
    "skipped ? 'skipped' : STEP_AFTER",
    'skipped ? STEP_AFTER.completed : STEP_AFTER',
  ),
  mutation('nodes-begun-after-a-failure', OUTCOME, 'failed ? [] : readyNodes', 'readyNodes'),
  mutation('failed-run-completed', OUTCOME, "over(failed ? 'failed' : ending", 'over(ending'),
  mutation(
    'messages-of-nodes-lost',
    'shared/engine/finish-node.ts',
    'const messages = [...began.messages, ...',
    'const messages = [...',
  ),
  mutation(
    'resumed-run-works-all-again',
    'shared/engine/start-run.ts',
    "kept(status) ? status : ('pending' as const)]",
    "'pending' as const]",
  ),
]
