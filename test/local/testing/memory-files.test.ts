import { expect, test } from 'vitest'
import { memoryFiles } from '../../../local/testing/memory-files.ts'
import { filesContract } from '../../contracts/files-contract.ts'

const NOW = new Date('2026-01-01T00:00:00Z')

filesContract('memory', async () => ({
  files: memoryFiles({ root: './files', now: () => NOW }),
  close: async () => undefined,
}))

test('every change is told with the whole new content', async () => {
  const told: [string, string | null][] = []
  const files = memoryFiles({
    root: './files',
    now: () => NOW,
    onChange: (key, bytes) => told.push([key, bytes === null ? null : Buffer.from(bytes).toString()]),
  })
  await files.put('a', '1')
  await files.append('a', '2')
  await files.delete(['a', 'b'])
  expect(told).toEqual([
    ['a', '1'],
    ['a', '12'],
    ['a', null],
  ])
})
