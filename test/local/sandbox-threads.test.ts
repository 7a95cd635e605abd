import { afterAll, expect, test } from 'vitest'
import { sandboxThreadScript } from '../../local/drivers/sandbox-thread-script.ts'
import { sandboxThreads } from '../../local/drivers/sandbox-threads.ts'
import { quickJsModule } from '../../shared/sandbox/quickjs-node.ts'

const sandbox = sandboxThreads({ module: quickJsModule, script: sandboxThreadScript, runsMax: 2 })
afterAll(() => sandbox.close())

const DOUBLES = 'async function main({ a }) { console.log(a); return { b: a * 2 } }'
// A thread that answers nothing to code that says so: no code is known that does this to the real one.
const DEAF = async () => `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', ({ code }) => { for (; code === 'loop';); parentPort.postMessage({ success: true, outputs: { code } }) })
  parentPort.postMessage(null)`

test('runs in threads answer as runs in this one do', async () => {
  const [first, second, third] = await Promise.all([1, 2, 3].map((a) => sandbox.run({ code: DOUBLES, inputs: { a } })))
  expect([first?.outputs, second?.outputs, third?.outputs]).toEqual([{ b: 2 }, { b: 4 }, { b: 6 }])
  expect(first).toMatchObject({ success: true, exit_code: 0, logs: [{ level: 'info', text: '1' }], error: null })
  const failed = await sandbox.run({ code: 'function main() {\n  null.a\n}', inputs: {} })
  expect(failed.error).toMatchObject({ code: 'sandbox_error', line: 2 })
})

test('code that never ends does not hold up this thread', async () => {
  let turns = 0
  const count = () => {
    turns += 1
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  const run = await sandbox.run({ code: 'function main() { for (;;) {} }', inputs: {}, limits: { timeout_ms: 100 } })
  clearImmediate(next)
  expect(run.error?.code).toBe('sandbox_timeout')
  expect(turns).toBeGreaterThan(10)
  expect((await sandbox.run({ code: DOUBLES, inputs: { a: 4 } })).outputs).toEqual({ b: 8 })
})

test('a run that is cancelled ends at once, and the next one is right', async () => {
  const cancelled = new AbortController()
  const running = sandbox.run({ code: 'function main() { for (;;) {} }', inputs: {} }, cancelled.signal)
  setImmediate(() => cancelled.abort())
  expect((await running).error?.code).toBe('sandbox_cancelled')
  expect((await sandbox.run({ code: DOUBLES, inputs: { a: 5 } }, cancelled.signal)).exit_code).toBe(130)
  expect((await sandbox.run({ code: DOUBLES, inputs: { a: 5 } })).outputs).toEqual({ b: 10 })
})

test('a thread that does not answer is killed when its time is over, and another takes its place', async () => {
  const deaf = sandboxThreads({ module: quickJsModule, script: DEAF, runsMax: 1 })
  const limits = { timeout_ms: 30 }
  for (let time = 1; time <= 3; time++) {
    expect(await deaf.run({ code: 'loop', inputs: {}, limits })).toMatchObject({
      exit_code: 124,
      error: { code: 'sandbox_timeout' },
    })
    expect((await deaf.run({ code: 'answer', inputs: {} })).outputs).toEqual({ code: 'answer' })
  }
  await deaf.close()
})

test('a thread that can not be started is told as a failure of the run', async () => {
  const broken = sandboxThreads({ module: quickJsModule, script: async () => 'process.exit(3)' })
  expect((await broken.run({ code: DOUBLES, inputs: {} })).error?.code).toBe('sandbox_crashed')
  const missing = sandboxThreads({ module: async () => Promise.reject(new Error('no file')), script: DEAF })
  expect((await missing.run({ code: DOUBLES, inputs: {} })).error?.message).toContain('no file')
  await Promise.all([broken.close(), missing.close()])
})
