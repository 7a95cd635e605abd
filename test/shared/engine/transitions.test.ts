import { describe, expect, test } from 'vitest'
import {
  EXECUTION_TRANSITIONS,
  type ExecutionStatus,
  firstUnfinishedStep,
  isFinal,
  restingProgress,
  restingStatus,
  runningProgress,
  type StepStatuses,
  sourcesOf,
  unmetDependency,
} from '../../../shared/engine/transitions.ts'

const STATUSES = Object.keys(EXECUTION_TRANSITIONS) as ExecutionStatus[]

function steps(ddl: string, qa = 'pending', validation = 'pending', load = 'pending'): StepStatuses {
  return { ddl_generation: ddl, qa_generation: qa, sql_validation: validation, training_load: load } as StepStatuses
}

describe('the table of transitions', () => {
  const ARROWS = new Set([
    'queued→running',
    'queued→failed',
    'queued→cancelled',
    'running→queued',
    'running→completed',
    'running→failed',
    'running→cancelled',
  ])

  test.each(STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const)))(
    '%s to %s is an arrow or is not',
    (from, to) => {
      expect(sourcesOf(to).includes(from)).toBe(ARROWS.has(`${from}→${to}`))
    },
  )

  test.each(STATUSES)('%s is final exactly when nothing leads out of it', (status) => {
    expect(isFinal(status)).toBe(['completed', 'failed', 'cancelled'].includes(status))
  })
})

describe('a task at rest', () => {
  test.each([
    [steps('pending'), 'pending', 0],
    [steps('completed'), 'partial_completed', 40],
    [steps('completed', 'completed', 'completed', 'completed'), 'completed', 100],
    [steps('completed', 'completed', 'skipped', 'skipped'), 'completed', 100],
    [steps('completed', 'failed'), 'failed', 40],
    [steps('completed', 'completed', 'cancelled'), 'cancelled', 70],
    [steps('pending', 'completed'), 'partial_completed', 0],
    [steps('pending', 'pending', 'skipped', 'skipped'), 'pending', 0],
  ] as const)('with steps %j is %s at %d %%', (given, status, progress) => {
    expect(restingStatus(given)).toBe(status)
    expect(restingProgress(given)).toBe(progress)
  })
})

test.each([
  ['ddl_generation', 0, 0],
  ['ddl_generation', 1, 40],
  ['qa_generation', 0.5, 55],
  ['training_load', 2, 100],
] as const)('%s done to %d stands at %d %% of its task', (step, share, percent) => {
  expect(runningProgress(step, share)).toBe(percent)
})

test.each([
  ['ddl_generation', steps('pending'), null],
  ['qa_generation', steps('pending'), 'ddl_generation'],
  ['qa_generation', steps('failed'), 'ddl_generation'],
  ['qa_generation', steps('completed'), null],
  ['training_load', steps('completed', 'completed', 'skipped'), null],
  ['training_load', steps('completed', 'pending', 'skipped'), 'qa_generation'],
] as const)('%s after %j waits for %s', (step, given, missing) => {
  expect(unmetDependency(step, given)).toBe(missing)
})

test.each([
  [steps('completed', 'failed'), 'qa_generation'],
  [steps('completed', 'completed', 'skipped', 'pending'), 'training_load'],
  [steps('completed', 'completed', 'completed', 'completed'), null],
] as const)('a task with steps %j resumes at %s', (given, step) => {
  expect(firstUnfinishedStep(given)).toBe(step)
})
