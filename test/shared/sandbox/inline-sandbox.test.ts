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

test.each([
  ['for (;;) {}', '代码没有在 timeout_ms（20）内结束', '检查是否有不会结束的循环，或为节点设置更长的超时时间'],
  ['return { a: 1 / 0 }', '结果中的“a”是 Infinity，无法用 JSON 表示', '只返回数字、文本'],
  ['return 1', 'main 返回了 number，应返回由输出组成的对象', '返回一个对象'],
  ['return { a: 5n }', '结果无法转换为 JSON：TypeError: ', 'JSON 没有 BigInt'],
  ['null.a', "TypeError: cannot read property 'a' of null", '先检查它是否存在'],
  ['return new Promise(() => {})', 'main 等待的结果永远不会到来', '只等待由自己的代码完成的 Promise'],
])(
  'what went wrong with %s is told in Chinese where that is asked for, with what helps',
  async (body, message, hint) => {
    const request = { code: `function main() { ${body} }`, inputs: {}, limits: { timeout_ms: 20 } }
    const { error } = await sandbox.run({ ...request, language: 'zh' })
    expect(error?.message).toContain(message)
    expect(error?.hint).toContain(hint)
    const english = await sandbox.run(request)
    expect(english.error).toMatchObject({ code: error?.code, line: error?.line, column: error?.column })
    expect(`${english.error?.message} ${english.error?.hint}`).not.toMatch(/\p{Script=Han}/u)
  },
)

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

test.each([
  [
    'what is left to be done is done before the answer',
    'const o = { a: 1 }; Promise.resolve().then(() => { o.a = 2 }); return o',
    2,
  ],
  ['a promise is waited for', 'return Promise.resolve({ a: 3 })', 3],
  ['a thenable is waited for', 'return { then(give) { give({ a: 4 }) } }', 4],
  ['a member that is named then and is no function is none', 'return { then: 1, a: 5 }', 5],
  ['a function with a then is waited for', 'return Object.assign(() => 1, { then: (give) => give({ a: 6 }) })', 6],
])('of what main returns, %s', async (_, body, a) => {
  expect((await sandbox.run({ code: `function main() { ${body} }`, inputs: {} })).outputs).toMatchObject({ a })
})

test('what answers at once does nothing more, whatever it left to be done on the way', async () => {
  const code = `function main() { return { toJSON() { Promise.resolve().then(() => { for (;;) console.log('late') }); return { a: 1 } } } }`
  const { outputs, logs } = await sandbox.run({ code, inputs: {} })
  expect({ outputs, logs }).toEqual({ outputs: { a: 1 }, logs: [] })
})

test('calls nest as deep as the stack allows, also right after they nested too deep', async () => {
  const code = 'function main() { const on = () => on() + 1; return { depth: on() } }'
  const deep = 'function main() { const to = (n) => (n === 0 ? 0 : 1 + to(n - 1)); return { depth: to(200) } }'
  for (let time = 1; time <= 3; time++) {
    expect((await sandbox.run({ code, inputs: {} })).error?.code).toBe('sandbox_stack')
    expect((await sandbox.run({ code: deep, inputs: {} })).outputs).toEqual({ depth: 200 })
  }
})
