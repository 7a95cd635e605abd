import { expect, test } from 'vitest'
import { quickJs } from '../../../shared/sandbox/quickjs.ts'
import { sandboxHealth } from '../../../shared/sandbox/sandbox-health.ts'

test('gives one QuickJS to all that ask at once', async () => {
  const [first, second] = await Promise.all([quickJs(), quickJs()])
  expect(first).toBe(second)
})

test('finds the sandbox computing and its limits holding, time after time', async () => {
  const logged: string[] = []
  for (let time = 1; time <= 3; time++) {
    expect(await sandboxHealth({ log: (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`) })).toEqual({
      engine: 'quickjs',
      evaluates: true,
      stops_loops: true,
      bounds_memory: true,
      bounds_stack: true,
    })
  }
  expect(logged).toEqual([])
})
