import { expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { sweepZombies } from '../../../shared/engine/sweep.ts'
import { createWorkflow } from '../../../shared/workflow/change-workflow.ts'
import { deliverAll, engineKit } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { type Moment, mortalStore, untilOver } from '../../support/mortal-store.ts'
import { insertNode, nodeDefinition } from '../../support/node-factory.ts'
import { clearStore } from '../../support/store-factory.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

interface TaskRow {
  readonly id: string
  readonly status: string
}

const kit = engineKit()
const app = createApp(FUNCTIONS)
const ITEMS = [3, 1, 4]
const ROUNDS_MAX = 12

const SQUARE = nodeDefinition('square', ['n: number'], ['n: number'], {
  code: 'function main({ n }) { return { n: n * n } }',
})
const TOTAL = nodeDefinition('total', ['ns: list<number>'], ['sum: number'], {
  code: 'async function main({ ns }) { await null; return { sum: ns.reduce((a, b) => a + b, 0) } }',
})
const FLOW = {
  inputs: { ns: 'list<number>' },
  nodes: [
    {
      name: 'squares',
      node: 'square',
      for_each: '{{ inputs.ns }}',
      inputs: { n: '{{ item }}' },
      retry: { max_attempts: 5 },
    },
    { name: 'sum', node: 'total', inputs: { ns: '{{ nodes.squares.outputs.n }}' } },
    {
      name: 'high',
      node: 'square',
      when: '{{ nodes.sum.outputs.sum }} > 10',
      inputs: { n: '{{ nodes.sum.outputs.sum }}' },
    },
    {
      name: 'low',
      node: 'square',
      when: '{{ nodes.sum.outputs.sum }} <= 10',
      inputs: { n: '{{ nodes.sum.outputs.sum }}' },
    },
  ],
  outputs: { sum: '{{ nodes.sum.outputs.sum }}', high: '{{ nodes.high.outputs.n }}', low: '{{ nodes.low.outputs.n }}' },
}

async function prepare(): Promise<void> {
  await clearStore(kit.store)
  const platform = await kit.open({ functions: FUNCTIONS })
  for (const node of [SQUARE, TOTAL]) await insertNode(kit.store, node)
  const change = { by: 'test', language: 'en' } as const
  await kit.store.transaction((tx) => createWorkflow(platform, tx, { id: 'flow', definition: FLOW }, change))
}

async function startAndWork(platform: TestPlatform): Promise<void> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: { ns: ITEMS } }),
  }
  await app.request('/api/v1/workflows/flow/run', init, { platform })
  await deliverAll(platform)
}

/** Runs the workflow in a process that dies, and lets another one end it. @returns whether the first one came so far */
async function dieAt(point: number, moment: Moment): Promise<boolean> {
  await prepare()
  const mortal = mortalStore(kit.store, point, moment)
  const dying = await kit.open({ functions: FUNCTIONS, store: mortal.store })
  await untilOver(dying, startAndWork(dying))
  const reached = mortal.calls() >= point
  const heir = await kit.open({ functions: FUNCTIONS, clock: manualClock() })
  const accepted = async () => (await kit.store.query<TaskRow>('select id, status from data_pipeline_tasks')).rows[0]
  const taskId = (await accepted())?.id
  if (taskId === undefined) return reached // nobody was told that it was accepted
  for (let round = 0; round < ROUNDS_MAX && (await accepted())?.status !== 'completed'; round += 1) {
    await heir.clock.advance(61_000)
    await sweepZombies(heir)
    await deliverAll(heir)
    await heir.settled()
  }
  const answer = await app.request(`/api/v0/data_pipeline/tasks/${taskId}`, {}, { platform: heir })
  const { data } = (await answer.json()) as { data: Record<string, unknown> }
  const { rows: runs } = await kit.store.query<{ node: string; times: number }>(
    `select node_name as node, count(*)::integer as times from sandbox_runs where success group by 1 order by 1`,
  )
  const { rows: executions } = await kit.store.query<{ step: string; times: number }>(
    'select execution_step as step, count(*)::integer as times from data_pipeline_task_executions group by 1 order by 1',
  )
  const { rows: rollbacks } = await kit.store.query('select 1 from workflow_rollbacks')
  const told = `died ${moment} call ${point}`
  expect([told, data.status, data.result]).toMatchObject([
    told,
    'completed',
    { outputs: { sum: 26, high: 676, low: null } },
  ])
  // No execution of a node is doubled or lost.
  expect([told, executions.map(({ step, times }) => `${step} ${times}`)]).toEqual([
    told,
    ['end 1', 'high 1', 'low 1', 'squares 1', 'start 1', 'sum 1'],
  ])
  // What was in hand may be worked again, never what has a checkpoint: at worst each item that was under way together.
  const times = Object.fromEntries(runs.map((run) => [run.node, run.times]))
  expect(times.square, told).toBeLessThanOrEqual(2 * ITEMS.length + 2)
  expect(times.total, told).toBeLessThanOrEqual(2)
  expect(rollbacks, told).toEqual([])
  return reached
}

const STRIDE = 5 // each is a whole run; the two moments strike at other calls

test.each<[Moment, number]>([
  ['before', 2],
  ['after', 4],
])(
  'a workflow of code nodes, items and conditions gives the same when its process dies just %s every fifth call, from %i on',
  async (moment, first) => {
    let point = first
    while (await dieAt(point, moment)) point += STRIDE
    expect(point).toBeGreaterThan(20)
  },
  600_000,
)
