import { expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'

const kit = functionKit()

test('dynamic nodes are healthy where the sandbox computes and its limits hold', async () => {
  const answer = await kit.send('GET', '/health/dynamic-nodes')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    status: 'healthy',
    components: { sandbox: 'healthy', nodes: 'healthy', workflows: 'healthy', store: 'healthy' },
    sandbox: { engine: 'quickjs', evaluates: true, stops_loops: true, bounds_memory: true, bounds_stack: true },
    rates: {
      sandbox_failure_rate: null,
      node_creation_failure_rate: null,
      workflow_failure_rate: null,
      workflow_execution_time_avg: null,
    },
  })
})

test('they are degraded, and still served, where too much of what people wrote fails', async () => {
  await kit.platform.store.query(
    `insert into node_creations (name, status, created_at)
     select 'n', case when n = 1 then 'failure' else 'success' end, $1::timestamptz from generate_series(1, 10) n`,
    [kit.platform.clock.now()],
  )
  const answer = await kit.send('GET', '/health/dynamic-nodes')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    status: 'degraded',
    components: { sandbox: 'healthy', nodes: 'degraded', workflows: 'healthy' },
    rates: { node_creation_failure_rate: 0.1 },
  })
})
