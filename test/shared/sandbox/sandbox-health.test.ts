import { expect, test } from 'vitest'
import { steadyMs } from '../../../local/drivers/system-clock.ts'
import { inlineSandbox } from '../../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'
import { sandboxHealth } from '../../../shared/sandbox/sandbox-health.ts'

test('finds the sandbox computing and its limits holding, time after time', async () => {
  const sandbox = inlineSandbox({ module: quickJsModule, steadyMs })
  const logged: string[] = []
  const log = (event: string, fields: unknown) => void logged.push(`${event} ${JSON.stringify(fields)}`)
  for (let time = 1; time <= 3; time++) {
    expect(await sandboxHealth({ sandbox, log })).toEqual({
      engine: 'quickjs',
      evaluates: true,
      stops_loops: true,
      bounds_memory: true,
      bounds_stack: true,
    })
  }
  expect(logged).toEqual([])
})

test('tells that a sandbox does nothing right, and logs it, instead of failing', async () => {
  const logged: string[] = []
  const broken = { run: async () => Promise.reject(new Error('no WebAssembly here')), close: async () => undefined }
  const log = (event: string) => void logged.push(event)
  expect(await sandboxHealth({ sandbox: broken, log })).toEqual({
    engine: 'quickjs',
    evaluates: false,
    stops_loops: false,
    bounds_memory: false,
    bounds_stack: false,
  })
  expect(logged).toHaveLength(4)
})
