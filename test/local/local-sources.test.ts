import { expect, test } from 'vitest'
import { localSources } from '../../local/drivers/local-sources.ts'
import { SAMPLE_NAME, SAMPLE_TABLES } from '../../local/samples/highway/sample.ts'
import { sourcesContract } from '../contracts/sources-contract.ts'
import { openPgliteSource } from '../support/pglite-source.ts'

const serverUrl = process.env.HELIX_TEST_DATABASE_URL
const nothing = { config: { sources: {} }, dataDir: 'unused' }

sourcesContract('the bundled sample', async () => {
  const sample = await openPgliteSource(SAMPLE_NAME)
  const sources = localSources({ ...nothing, openSample: async () => sample.source })
  return { sources, name: SAMPLE_NAME, close: () => sources.close() }
})

if (serverUrl !== undefined) {
  sourcesContract('a server', async () => {
    const sources = localSources({ ...nothing, config: { sources: { shop: serverUrl } } })
    return { sources, name: 'shop', close: () => sources.close() }
  })
}

test('configured sources take the place of the sample and of its table list', async () => {
  const configured = localSources({
    ...nothing,
    config: {
      sources: { shop: 'postgres://app:s3cret@db.example:6543/shop%20eu', local: 'postgres:///app?host=/run' },
    },
  })
  expect(configured.list()).toEqual([
    { name: 'shop', kind: 'server', address: 'db.example:6543/shop eu' },
    { name: 'local', kind: 'server', address: '/run:5432/app' },
  ])
  expect(configured.tableList('tables.txt')).toBeNull()
  await expect(configured.open({ name: SAMPLE_NAME })).rejects.toMatchObject({ code: 'source_not_found' })
  await configured.close()
})

test('the sample brings the list of all its tables', () => {
  const sources = localSources(nothing)
  expect(sources.list().map(({ name, kind }) => [name, kind])).toEqual([[SAMPLE_NAME, 'sample']])
  expect(sources.tableList('tables.txt')?.trim().split('\n')).toEqual([...SAMPLE_TABLES])
  expect(sources.tableList('other.txt')).toBeNull()
})

test('the sample is made on first use, tried again when that failed, and never closed by its users', async () => {
  await using sample = await openPgliteSource(SAMPLE_NAME)
  let tries = 0
  const sources = localSources({
    ...nothing,
    openSample: async () => {
      tries++
      if (tries === 1) throw new Error('the disk was full')
      return { ...sample.source, [Symbol.asyncDispose]: async () => undefined }
    },
  })
  expect(tries).toBe(0)
  await expect(sources.open({ name: SAMPLE_NAME })).rejects.toThrow('the disk was full')
  for (let use = 0; use < 3; use++) await using(await sources.open({ name: SAMPLE_NAME }))
  expect(tries).toBe(2)
  await sources.close()
})

async function using(source: AsyncDisposable): Promise<void> {
  await source[Symbol.asyncDispose]()
}
