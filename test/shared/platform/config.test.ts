import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SETTINGS } from '../../../shared/platform/config.ts'

test.each(['README.md', 'README.zh-CN.md'])('%s has every setting in its table, and no other', async (name) => {
  const text = await readFile(new URL(`../../../${name}`, import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => /^\| `(HELIX_|DATABASE_URL|API_PORT)/.test(line))
  const named = rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, one]) => one ?? ''),
  )
  expect(named.toSorted()).toEqual([...SETTINGS, 'HELIX_SOURCE_<NAME>_URL'].toSorted())
})
