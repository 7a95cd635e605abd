import { expect, test } from 'vitest'
import { getPlatformProxy } from 'wrangler'
import type { CloudflareEnv } from '../../../shared/platform/cloudflare.ts'
import { r2Files } from '../../../shared/platform/cloudflare-files.ts'
import { readText } from '../../../shared/platform/files.ts'
import { filesContract } from '../../contracts/files-contract.ts'

// The R2 of workerd, as wrangler emulates it.
filesContract('R2', async () => {
  const proxy = await getPlatformProxy<CloudflareEnv>({ persist: false })
  return { files: r2Files(proxy.env.FILES, './data_pipeline/training_data'), close: () => proxy.dispose() }
})

test('calls a bucket that fails unavailable', async () => {
  const broken = { head: () => Promise.reject(new Error('head: internal error (10001)')) }
  const files = r2Files(broken as unknown as CloudflareEnv['FILES'], 'r2')
  await expect(files.head('a')).rejects.toMatchObject({ code: 'files_unavailable' })
})

test('appends to what another invocation or a deletion left, although it remembers what it wrote itself', async () => {
  const proxy = await getPlatformProxy<CloudflareEnv>({ persist: false })
  try {
    const [mine, theirs] = [r2Files(proxy.env.FILES, 'r2'), r2Files(proxy.env.FILES, 'r2')]
    for (const [files, text] of [
      [mine, 'a'],
      [mine, 'b'],
      [theirs, 'c'],
      [mine, 'd'],
    ] as const) {
      await files.append('task/data_pipeline.log', text)
    }
    expect(await readText(mine, 'task/data_pipeline.log')).toBe('abcd')
    await theirs.delete(['task/data_pipeline.log'])
    await mine.append('task/data_pipeline.log', 'e')
    expect(await readText(theirs, 'task/data_pipeline.log')).toBe('e')
  } finally {
    await proxy.dispose()
  }
})
