import { expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'

const kit = functionKit()

test('dynamic nodes are healthy where the sandbox computes and its limits hold', async () => {
  const answer = await kit.send('GET', '/health/dynamic-nodes')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    status: 'healthy',
    sandbox: { engine: 'quickjs', evaluates: true, stops_loops: true, bounds_memory: true, bounds_stack: true },
  })
})
