import { expect, test } from 'vitest'
import { claimExecution } from '../../../shared/engine/lease.ts'
import { findUnclaimed } from '../../../shared/engine/unclaimed.ts'
import { engineKit, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'

const kit = engineKit()

test('an execution that nobody has taken within a second is offered to others, until somebody takes it', async () => {
  const platform = await kit.open({ functions: stepsWith() })
  const [task, waiting] = [await newTask(platform), await newTask(platform)]
  const { execution } = await startOne(platform, task.id, 'ddl_generation')
  await startOne(platform, waiting.id, 'ddl_generation')
  const offered = () => findUnclaimed(kit.store, platform.clock.now(), 10)
  expect(await offered()).toEqual([])
  await platform.clock.advance(1000)
  expect(await offered()).toEqual([
    { function: 'ddl-generation', body: { execution_id: execution.executionId, claim: 0 } },
  ])
  const wanted = { executionId: execution.executionId, claim: 0 }
  await claimExecution(kit.store, wanted, 'other:1', platform.clock.now())
  expect(await offered()).toEqual([])
})
