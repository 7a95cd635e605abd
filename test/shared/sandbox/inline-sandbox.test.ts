import { expect, test } from 'vitest'
import { steadyMs } from '../../../local/drivers/system-clock.ts'
import { inlineSandbox } from '../../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'

const sandbox = inlineSandbox({ module: quickJsModule, steadyMs })

const GROWTH = `function main({ sales_current, sales_previous }) {
  console.log('growth of', { sales_current })
  return { growth_rate: (sales_current - sales_previous) / sales_previous }
}`

test('a run gives the outputs, what was logged, and the exit code of a success', async () => {
  const run = await sandbox.run({ code: GROWTH, inputs: { sales_current: 100, sales_previous: 80 } })
  expect(run).toMatchObject({
    success: true,
    outputs: { growth_rate: 0.25 },
    exit_code: 0,
    logs: [{ level: 'info', text: 'growth of {"sales_current":100}' }],
    error: null,
  })
  expect(run.memory_bytes).toBeGreaterThan(10_000)
})

test('a failure names its line and column in the code, shows them, and says what helps', async () => {
  const code = 'function main({ rows }) {\n  return { first: rows[0].name }\n}'
  const { error, exit_code, success } = await sandbox.run({ code, inputs: { rows: [] } })
  expect({ success, exit_code }).toEqual({ success: false, exit_code: 1 })
  expect(error).toEqual({
    code: 'sandbox_error',
    message: "TypeError: cannot read property 'name' of undefined",
    line: 2,
    column: 26,
    frame: [
      '  1 | function main({ rows }) {',
      '> 2 |   return { first: rows[0].name }',
      '    |                          ^',
      '  3 | }',
    ].join('\n'),
    hint: 'Check that it is there first, as in `row?.name`',
  })
})

test('a run repeats exactly: the clock stands, chance is seeded, the time zone is given', async () => {
  const code =
    'function main() { return { at: Date.now(), hour: new Date().getHours(), dice: [Math.random(), Math.random()] } }'
  const once = { code, inputs: {}, seed: 'a', now: new Date('2025-06-27T14:30:52Z'), timeZone: 'Asia/Shanghai' }
  const [first, second, third] = [
    await sandbox.run(once),
    await sandbox.run(once),
    await sandbox.run({ ...once, seed: 'b' }),
  ]
  expect(first.outputs).toMatchObject({ at: Date.parse('2025-06-27T14:30:52Z'), hour: 22 })
  expect(second.outputs).toEqual(first.outputs)
  expect(third.outputs?.dice).not.toEqual(first.outputs?.dice)
})

test('nothing of one run is left for the next, also when the code is known', async () => {
  const code = 'let runs = 0; Array.prototype.left = 1; function main() { return { runs: ++runs } }'
  for (let time = 1; time <= 4; time++) {
    expect((await sandbox.run({ code, inputs: {} })).outputs).toEqual({ runs: 1 })
  }
  const looks = 'function main() { return { left: String([].left), runs: typeof runs } }'
  expect((await sandbox.run({ code: looks, inputs: {} })).outputs).toEqual({ left: 'undefined', runs: 'undefined' })
})
