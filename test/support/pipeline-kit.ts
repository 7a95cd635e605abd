import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createApp } from '../../functions/app.ts'
import { FUNCTIONS } from '../../functions/manifest.ts'
import type { Source } from '../../shared/platform/source.ts'
import { openPgliteSource, type TestSource } from './pglite-source.ts'
import { SHOP } from './shop-schema.ts'
import { clearStore } from './store-factory.ts'
import { sourcesOf, type TestPlatform, type TestPlatformOptions, testPlatform } from './test-platform.ts'
import { openTestStore, type TestStore } from './test-store.ts'

export const TASKS = '/api/v0/data_pipeline/tasks'

// biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
export type Answer = { status: number; body: any }

export interface PipelineKit {
  /** Only inside a test. */
  readonly store: TestStore
  /** The shop's database; it stays open when a step closes it. */
  readonly shop: Source
  /** A platform with all functions, on the file's store and the shop. */
  openPlatform(options?: TestPlatformOptions): Promise<TestPlatform>
  call(platform: TestPlatform, method: string, path: string, body?: unknown): Promise<Answer>
}

/** What a test of whole steps needs: a small business of our own, and a store that is empty before each test. */
export function pipelineKit(): PipelineKit {
  const app = createApp(FUNCTIONS)
  let opened: { store: TestStore; shop: TestSource; source: Source } | undefined
  const current = () => {
    if (opened === undefined) throw new Error('The databases are open inside tests only')
    return opened
  }
  beforeAll(async () => {
    const [store, shop] = await Promise.all([openTestStore(), openPgliteSource('shop')])
    await shop.script(SHOP)
    opened = { store, shop, source: { ...shop.source, [Symbol.asyncDispose]: async () => undefined } }
  })
  afterAll(async () => {
    await opened?.shop[Symbol.asyncDispose]()
    await opened?.store.close()
  })
  beforeEach(async () => {
    await clearStore(current().store)
    await current().store.query('delete from langchain_pg_embedding')
  })
  return {
    get store() {
      return current().store
    },
    get shop() {
      return current().source
    },
    openPlatform: async (options = {}) => {
      const { store, source } = current()
      const sources = sourcesOf([{ name: 'shop', open: async () => source }])
      return await testPlatform({ store, sources, functions: FUNCTIONS, ...options })
    },
    call: async (platform, method, path, body) => {
      // The specification's own examples are sent by curl, which calls its bodies a form.
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: form }
      const response = await app.request(path, init, { platform })
      return { status: response.status, body: await response.json() }
    },
  }
}
