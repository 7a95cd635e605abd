import { describe, expect, test } from 'vitest'
import type { SandboxRun } from '../../shared/platform/sandbox.ts'
import { inlineSandbox } from '../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../shared/sandbox/quickjs-node.ts'
import { ATTACKS } from './attacks/all.ts'
import { variantsOf } from './attacks/variants.ts'

// With a clock that stands still only work counts, as in a Worker: no busy machine changes how an attack ends.
const sandbox = inlineSandbox({ module: quickJsModule, steadyMs: () => 0 })
const LIMITS = { memory_bytes: 32 * 1024 * 1024 }
const NEXT =
  'async function main({ a }) { console.log(a); return { b: a.map((x) => x * 2), c: JSON.stringify([typeof left]) } }'

const endOf = ({ error, outputs }: SandboxRun) => error?.code ?? JSON.stringify(outputs)

async function nextRun() {
  const { outputs, logs } = await sandbox.run({ code: NEXT, inputs: { a: [1, 2] } })
  return { outputs, logs }
}

const RIGHT = { outputs: { b: [2, 4], c: '["undefined"]' }, logs: [{ level: 'info', text: '[1,2]' }] }

describe('an attack ends as it must, and the run after it is right', () => {
  test.each(ATTACKS)('$name', async ({ code, ends, limits }) => {
    // What must not end for lack of time gets ample.
    const timeout_ms = ends.includes('sandbox_timeout') ? 20 : 500
    const run = await sandbox.run({ code, inputs: { a: 1 }, limits: { ...LIMITS, timeout_ms, ...limits } })
    expect(ends).toContain(endOf(run))
    expect(run.exit_code === 0).toBe(run.success)
    expect(await nextRun()).toEqual(RIGHT)
  })
})

test('there are at least two hundred attacks, no two alike', () => {
  expect(new Set(ATTACKS.map(({ code }) => code)).size).toBe(ATTACKS.length)
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length)
  expect(ATTACKS.length).toBeGreaterThan(200)
})

test('a thousand variants of the attacks end too, none of them by breaking the sandbox, and every run after is right', async () => {
  const broken: string[] = []
  for (const { name, code, limits } of variantsOf(ATTACKS, 1_000)) {
    const run = await sandbox.run({ code, inputs: { a: 1 }, limits: { ...LIMITS, timeout_ms: 5, ...limits } })
    if (run.error?.code === 'sandbox_crashed') broken.push(`${name}: ${run.error.message}`)
    if (JSON.stringify(await nextRun()) !== JSON.stringify(RIGHT)) broken.push(`${name}: the next run is wrong`)
  }
  expect(broken).toEqual([])
}, 300_000)
