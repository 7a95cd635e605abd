import { readFile } from 'node:fs/promises'
import { type HelixTest, helixTest } from 'helix/testing'
import { describe, expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
const codeOf = (page: string) => [...page.matchAll(/```ts\n([\s\S]*?)\n```/g)].map(([, code = '']) => code)

describe.each(['docs/testing.md', 'docs/testing.zh-CN.md'])('%s', (path) => {
  test('shows, block by block, exactly the example that its test runs', async () => {
    const blocks = codeOf(await read(path)).filter((code) => code.includes('\n'))
    expect(`${blocks.join('\n\n')}\n`).toBe(await read('test/local/testing/example.test.ts'))
  })

  test('shows the two short lines that work as they stand', async () => {
    const page = await read(path)
    const lines = codeOf(page).filter((code) => !code.includes('\n'))
    expect(lines).toEqual([
      "await using env = await helixTest({ seed: 42, faults: 'drop=0.1,crash=0.05', clock: '2026-01-01T00:00:00Z' })",
      'await using again = await helixTest({ seed: 17, faults: struck.slice(0, 3) })',
    ])
  })

  test('names what an environment has, and nothing that it has not', async () => {
    await using env = await helixTest({ seed: 42, faults: 'drop=0.1,crash=0.05', clock: '2026-01-01T00:00:00Z' })
    const { struck } = env.faults
    await using again = await helixTest({ seed: 17, faults: struck.slice(0, 3) })
    const [, held = ''] = /\n\| \| .*\n\|---\|---\|\n([\s\S]*?)\n\n/.exec(await read(path)) ?? []
    const named = held.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([\w.]+)/g)])
    const names = named.map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(15)
    for (const name of names) expect(valueAt(again, name), name).toBeDefined()
    const parts = ['queue', 'cron', 'clock'] as const
    const has = parts.flatMap((part) => Object.keys(again[part]).map((name) => `${part}.${name}`))
    expect(has.filter((name) => !names.includes(name))).toEqual([])
  })
})

function valueAt(env: HelixTest, path: string): unknown {
  return path.split('.').reduce((value: unknown, name) => (value as Record<string, unknown>)[name], env)
}
