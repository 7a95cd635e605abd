import { expect, test } from 'vitest'
import { inlineSandbox } from '../../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'

// Longer than a part, with parts that overlap in both directions. Computed here and in the sandbox alike.
const SUMS = `function main() {
  const bytes = Uint8Array.from({ length: 1_300_001 }, (_, index) => (index * 7919) % 251)
  const sums = []
  const look = () => sums.push(bytes.reduce((sum, byte, index) => (sum * 31 + byte + index) % 1_000_003, 0))
  for (const [to, from, end] of [[1, 0], [0, 1], [600_000, 3], [3, 600_000], [700_000, 0, 650_000], [5, 5], [9, 2, 2]]) {
    bytes.copyWithin(to, from, end)
    look()
  }
  bytes.fill(7, 100, 1_200_000)
  look()
  bytes.set(bytes.slice(50, 900_000), 1_000)
  look()
  return { sums }
}`

test('memory that is copied and filled part by part is what it would be at once', async () => {
  const sandbox = inlineSandbox({ module: quickJsModule, steadyMs: () => 0 })
  const expected = new Function(`${SUMS}; return main()`)() as { sums: number[] }
  expect(new Set(expected.sums).size).toBeGreaterThan(5)
  const run = await sandbox.run({ code: SUMS, inputs: {}, limits: { timeout_ms: 600_000 } })
  expect(run.error).toBeNull()
  expect(run.outputs).toEqual(expected)
})
