import { expect, test } from 'vitest'
import { getPlatformProxy } from 'wrangler'
import type { CloudflareEnv } from '../../../shared/platform/cloudflare.ts'
import { r2Files } from '../../../shared/platform/cloudflare-files.ts'
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
