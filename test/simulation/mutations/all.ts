import { ATTEMPTS } from './attempts.ts'
import { FENCES } from './fences.ts'
import { FOLDS } from './folds.ts'
import { MESSAGES } from './messages.ts'
import type { Mutation } from './mutation.ts'
import { SCHEDULE } from './schedule.ts'
import { STATUS } from './status.ts'
import { WORKFLOWS } from './workflows.ts'
import { LOST_OR_DOUBLED } from './writes.ts'

/** Bugs that engines like this one have had. `npm run sim -- --mutants` says how many seeds it takes to find each. */
export const MUTATIONS: readonly Mutation[] = [
  ...FENCES,
  ...FOLDS,
  ...LOST_OR_DOUBLED,
  ...MESSAGES,
  ...SCHEDULE,
  ...ATTEMPTS,
  ...STATUS,
  ...WORKFLOWS,
]
