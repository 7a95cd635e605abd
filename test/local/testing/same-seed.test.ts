import { describe, expect, test } from 'vitest'
import { type HelixTestOptions, helixTest } from '../../../local/testing/helix-test.ts'
import { startTask, writingSteps } from './own-functions.ts'

const WILD = 'drop=0.3,duplicate=0.3,delay=0..5s,reorder=0.3,crash=0.2,store=0.01,files=0.01,skew=±1s'

const OUTCOME = `
  select t.status, t.progress, t.step_status,
         (select json_agg(row(o.file_name, o.content_hash) order by o.file_name)
            from data_pipeline_task_outputs o
           where o.task_id = t.id and o.content_hash is not null and o.file_name like '%.txt') as outputs
    from data_pipeline_tasks t`

/** Two tasks through four steps each, and twenty minutes. */
async function run(options: HelixTestOptions) {
  await using helix = await helixTest({
    sources: { shop: 'create table orders (id int primary key)' },
    functions: writingSteps(),
    ...options,
  })
  const tasks = [await startTask(helix), await startTask(helix)]
  await helix.queue.drain()
  await helix.clock.advance('20m')
  const { rows } = await helix.store.query(OUTCOME)
  return { tasks, outcome: rows, effects: helix.effects, struck: helix.faults.struck, now: helix.clock.now() }
}

test('a run without faults has the same effects with the same seed', async () => {
  const first = await run({ seed: 7 })
  expect(await run({ seed: 7 })).toEqual(first)
  expect(first.struck).toEqual([])
  expect(first.outcome).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
})

describe('a run with faults', () => {
  test('has the same effects with the same seed, and with the list of what struck', async () => {
    const first = await run({ seed: 42, faults: WILD })
    const second = await run({ seed: 42, faults: WILD })
    expect(first.struck.length).toBeGreaterThan(10)
    expect(second).toEqual(first)
    const replayed = await run({ seed: 42, faults: first.struck })
    expect(replayed).toEqual(first)
  })

  test('ends as one without, with other effects on the way', async () => {
    const calm = await run({ seed: 1 })
    const wild = await run({ seed: 1, faults: WILD })
    expect(wild.outcome).toEqual(calm.outcome)
    expect(calm.outcome).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
    expect(wild.effects).not.toEqual(calm.effects)
    expect(calm.struck).toEqual([])
  })
})

test('another seed, or one in the text of the faults, lets other faults strike', async () => {
  const struck = async (options: HelixTestOptions) => {
    await using helix = await helixTest({ ...options, faults: options.faults ?? 'drop=0.5' })
    for (let number = 0; number < 20; number += 1) await helix.platform.queue.send(hint(number), 60)
    return helix.faults.struck
  }
  const hint = (claim: number) => ({ function: 'ddl-generation', body: { execution_id: 'none', claim } })
  const [one, two] = [await struck({ seed: 1 }), await struck({ seed: 2 })]
  expect(one).not.toEqual(two)
  expect(await struck({ seed: 1, faults: 'seed=2,drop=0.5' })).toEqual(two)
})
