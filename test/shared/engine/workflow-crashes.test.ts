import { expect, test } from 'vitest'
import { listExecutions } from '../../../shared/engine/execution.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { sweepZombies } from '../../../shared/engine/sweep.ts'
import { findTask } from '../../../shared/engine/task.ts'
import { deliverAll, engineKit, newWorkflowRun, nodesWith } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { type Moment, mortalStore, untilOver } from '../../support/mortal-store.ts'
import { clearStore } from '../../support/store-factory.ts'

const kit = engineKit()
const DIAMOND = { first: [], left: ['first'], right: ['first'], last: ['left', 'right'] }
const ROUNDS_MAX = 12 // sweeps until the rest of the run is over

/** Runs a diamond in a process that dies, and lets another one end it. @returns whether the first one came so far */
async function dieAt(point: number, moment: Moment): Promise<boolean> {
  await clearStore(kit.store)
  const worked: string[] = []
  const work: StepWork = async ({ execution }) => {
    worked.push(execution.step)
    return { result: { outputs: {} }, required: [] }
  }
  const functions = nodesWith(Object.fromEntries(Object.keys(DIAMOND).map((name) => [name, work])))
  const mortal = mortalStore(kit.store, point, moment)
  const dying = await kit.open({ functions, store: mortal.store })
  const taskId = await newWorkflowRun(dying, DIAMOND).catch(() => 'task_20250627_143052')
  await untilOver(dying, deliverAll(dying))
  const reached = mortal.calls() >= point
  if ((await findTask(kit.store, taskId)) === null) return reached // nobody was told that it was accepted
  const heir = await kit.open({ functions, clock: manualClock() })
  for (let round = 0; round < ROUNDS_MAX && (await findTask(kit.store, taskId))?.status !== 'completed'; round += 1) {
    await heir.clock.advance(61_000)
    await sweepZombies(heir)
    await deliverAll(heir)
    await heir.settled()
  }
  const task = await findTask(kit.store, taskId)
  const executions = (await listExecutions(kit.store, taskId)).map(({ step, status }) => `${step} ${status}`)
  const told = `died ${moment} call ${point}`
  expect(`${told}: ${task?.status}`).toBe(`${told}: completed`)
  expect([told, ...executions.toSorted()]).toEqual([
    told,
    'end completed',
    'first completed',
    'last completed',
    'left completed',
    'right completed',
    'start completed',
  ])
  // What was recorded is never worked again; what was in hand may be.
  for (const name of Object.keys(DIAMOND)) expect(worked.filter((one) => one === name).length).toBeLessThanOrEqual(2)
  return reached
}

const STRIDE = 3 // each is a whole run; the two moments strike at other calls

test.each<[Moment, number]>([
  ['before', 1],
  ['after', 2],
])(
  'a workflow survives the death of its process just %s every third call of the store, from call %i on',
  async (moment, first) => {
    let point = first
    while (await dieAt(point, moment)) point += STRIDE
    expect(point).toBeGreaterThan(30)
  },
  600_000,
)
