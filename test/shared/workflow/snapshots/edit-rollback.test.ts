import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../../../shared/platform/random.ts'
import { type Change, createWorkflow, replaceWorkflow } from '../../../../shared/workflow/change-workflow.ts'
import type { Json } from '../../../../shared/workflow/definition/definition.ts'
import type { WorkflowDefinition, WorkflowNode } from '../../../../shared/workflow/definition/workflow-definition.ts'
import { rollBack } from '../../../../shared/workflow/snapshots/rollback.ts'
import { listSnapshots } from '../../../../shared/workflow/snapshots/snapshot-store.ts'
import { loadWorkflow } from '../../../../shared/workflow/workflow-store.ts'
import { type TestPlatform, testPlatform } from '../../../support/test-platform.ts'

// A thousand sequences; fewer on the embedded store, which does one thing at a time.
const ROUNDS = process.env.HELIX_TEST_DATABASE_URL === undefined ? 10 : 40
const SEEDS = Array.from({ length: ROUNDS }, (_, at) => at + 1)
const SEQUENCES = 25 // of each seed
const CHANGES = { by: 'test', language: 'en' } as const satisfies Change

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
afterAll(async () => await platform[Symbol.asyncDispose]())

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
const VALUES: readonly Json[] = [
  1,
  -0.5,
  1e21,
  true,
  null,
  '',
  '中文 "quoted" \\ {{ inputs.x }}',
  ['a', { b: [] }],
  { __proto__: null, 'a b': 2 },
]

/** A workflow that is good whatever it holds: inputs of any kind, steps in a row or beside each other. */
function randomDefinition(random: Random): WorkflowDefinition {
  const names = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, at) => `n${at}`)
  const nodes = names.map((name, at): WorkflowNode => {
    const needs = names.slice(0, at).filter(() => random() < 0.4)
    const node = pick(random, ['ddl_generation', 'qa_generation', 'training_load'])
    return {
      name,
      node,
      ...(needs.length === 0 ? {} : { needs }),
      ...(random() < 0.2 ? { when: `inputs.x == ${pick(random, ['1', 'null', "'中文'"])}` } : {}),
      ...(random() < 0.2 ? { retry: { max_attempts: 1 + Math.floor(random() * 9) } } : {}),
      ...(random() < 0.2 ? { timeout_seconds: 1 + Math.floor(random() * 9000) / 8 } : {}),
    }
  })
  return {
    ...(random() < 0.5 ? { name: pick(random, ['Sales', '销售', 'x']) } : {}),
    inputs: [{ name: 'x', type: 'any', required: false, default: pick(random, VALUES) }],
    nodes,
    ...(random() < 0.5 && names.length > 1 ? { edges: [{ source: 'n0', target: names.at(-1) ?? '' }] } : {}),
    outputs: { answer: pick(random, VALUES) },
  }
}

/** What each version of a workflow should say, and the version whose state it repeats: a plain model beside the store. */
class Model {
  readonly #states: { readonly text: string; readonly root: number }[]

  constructor(first: string) {
    this.#states = [{ text: first, root: 1 }]
  }

  get text(): string {
    return this.#states.at(-1)?.text ?? ''
  }

  edit(text: string): void {
    if (text !== this.text) this.#states.push({ text, root: this.#states.length + 1 })
  }

  restore(version: number): void {
    const state = this.#states[version - 1]
    if (state !== undefined && state.text !== this.text) this.#states.push(state)
  }

  /** Back to what was before the change that made the present state, if there was anything. */
  undo(): void {
    const root = this.#states.at(-1)?.root ?? 1
    if (root > 1) this.restore(root - 1)
  }
}

const shown = (definition: WorkflowDefinition) => JSON.stringify(sorted(definition))

/** One workflow's life: edits and rollbacks in any order, after each of which it must say what the model says. */
async function live(id: string, random: Random): Promise<void> {
  const { store } = platform
  const first = randomDefinition(random)
  const created = { id, definition: first as unknown as Json }
  await store.transaction((tx) => createWorkflow(platform, tx, created, CHANGES))
  const model = new Model(shown(first))
  for (let step = 0; step < 3 + Math.floor(random() * 6); step++) {
    const snapshots = await listSnapshots(store, id, null, 100)
    if (snapshots.length === 0 || random() < 0.5) {
      const definition = randomDefinition(random)
      const replacement = { definition: definition as unknown as Json, ifMatch: '*' }
      await store.transaction((tx) => replaceWorkflow(platform, tx, id, replacement, CHANGES))
      model.edit(shown(definition))
    } else if (random() < 0.6) {
      await store.transaction((tx) => rollBack(platform, tx, id, { cause: 'manual' }, CHANGES))
      model.undo()
    } else {
      const { id: snapshotId, version, state } = pick(random, snapshots)
      await store.transaction((tx) => rollBack(platform, tx, id, { cause: 'manual', snapshotId }, CHANGES))
      model.restore(version)
      expect((await loadWorkflow(store, id)).contentHash).toBe(state.contentHash)
    }
    expect(shown((await loadWorkflow(store, id)).definition)).toBe(model.text)
  }
}

/** With keys in one order, since the store keeps none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.map(([name, one]) => [name, sorted(one)])
}

describe('edits and rollbacks', () => {
  test.each(SEEDS)('restore exactly the state that they should, in 25 random sequences of seed %i', async (seed) => {
    const random = seededRandom(seed)
    const lives = Array.from({ length: SEQUENCES }, (_, at) => ({ id: `w${seed}_${at}`, seed: random() * 2 ** 31 }))
    await Promise.all(lives.map((one) => live(one.id, seededRandom(one.seed))))
    const { rows } = await platform.store.query<{ good: number; all: number }>(
      `select count(*)::int as all,
              count(*) filter (where checks = '{"snapshot_exists":true,"state_restored":true,"edges_clean":true,"recorded":true}')::int as good
         from workflow_rollbacks
        where workflow_id like $1`,
      [`w${seed}\\_%`],
    )
    expect(rows[0]?.all).toBeGreaterThan(SEQUENCES)
    expect(rows[0]?.good).toBe(rows[0]?.all)
  })
})
