import type { DirtyType } from './dirty-type.ts'

/** `active`: a task that has not ended; `historical`: one that has; `test`: what tests and samples have left. */
export type Scope = 'active' | 'historical' | 'test'
export type Level = 'high' | 'medium' | 'low'
/** At once, when it is planned, or with the regular tidying. */
export type Priority = 'immediate' | 'planned' | 'periodic'

export interface Impact {
  readonly scope: Scope
  readonly system: Level
  readonly business: Level
  readonly priority: Priority
}

type Judgement = readonly [system: Level, business: Level, priority: Priority]

const IMMEDIATE: Judgement = ['high', 'high', 'immediate']
const PLANNED: Judgement = ['medium', 'low', 'planned']
const PERIODIC: Judgement = ['low', 'low', 'periodic']

/** The matrix of the procedure (3.1), with the rows that it leaves open filled in between those that it gives. */
const MATRIX: Readonly<Record<Scope, Readonly<Record<DirtyType, Judgement>>>> = {
  active: { A: IMMEDIATE, B: ['medium', 'medium', 'planned'], C: IMMEDIATE, D: IMMEDIATE, E: IMMEDIATE },
  historical: { A: ['medium', 'medium', 'planned'], B: PLANNED, C: PLANNED, D: PLANNED, E: PLANNED },
  test: { A: PERIODIC, B: PERIODIC, C: PERIODIC, D: PERIODIC, E: PERIODIC },
}

export function impactOf(type: DirtyType, scope: Scope): Impact {
  const [system, business, priority] = MATRIX[scope][type]
  return { scope, system, business, priority }
}

const TEST_NAME = /(^|[^a-z])(test|tests|testing|demo|sample)([^a-z]|$)/i
const FINAL = new Set(['completed', 'failed', 'cancelled'])

/** Which row of the matrix a task belongs to; a folder without a task is history. */
export function scopeOf(task: { dbName: string; createdBy: string | null; status: string } | null): Scope {
  if (task === null) return 'historical'
  if (TEST_NAME.test(task.dbName) || TEST_NAME.test(task.createdBy ?? '')) return 'test'
  return FINAL.has(task.status) ? 'historical' : 'active'
}
