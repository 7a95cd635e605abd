import { type Mutation, mutation } from './mutation.ts'

/** Steps that begin before the end of their predecessor is written: what they may do, and what becomes of them. */
export const FOLDS: readonly Mutation[] = [
  mutation(
    'files-of-an-unwritten-step',
    'shared/engine/step-context.ts',
    "    await fold.settle() // a file of an execution that never was would be nobody's\n",
    '',
  ),
  mutation('ports-reached-unwritten', 'shared/engine/settled-platform.ts', '    await fold.settle()\n', ''),
  mutation('reports-of-an-unwritten-step', 'shared/engine/lease-keeper.ts', '    await this.#settle()\n', ''),
  mutation('failure-of-an-unwritten-step', 'shared/engine/finish.ts', ' : fold.settle())', ' : fold.quiet())'),
  mutation(
    'folded-after-a-cancellation',
    'shared/engine/fold.ts',
    '    ...first.change,\n',
    '    ...first.change,\n    unless_cancelled: false,\n',
  ),
  mutation('refused-fold-left-alone', 'shared/engine/fold.ts', '    await first.refused()\n', ''),
  mutation('lines-of-a-fold-lost', 'shared/engine/write.ts', ', ...followers.flatMap(linesOf)', ''),
  mutation('checkpoints-of-a-fold-lost', 'shared/engine/write.ts', ', ...followers.flatMap(checkpointsOf)', ''),
  mutation(
    'foreseen-by-a-latecomer',
    'shared/engine/finish.ts',
    'next.owner === null || memory.outputs === null',
    'next.owner === null',
  ),
]
