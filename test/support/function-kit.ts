import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createApp } from '../../functions/app.ts'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { clearStore } from './store-factory.ts'
import { type TestPlatform, type TestPlatformOptions, testPlatform } from './test-platform.ts'

export interface FunctionKit {
  /** Only inside a test. */
  readonly platform: TestPlatform
  /** Sends a request to the app that holds all functions; a body goes as JSON. */
  send(method: string, path: string, options?: SendOptions): Promise<Response>
  /** Sends a body as it is. */
  sendText(method: string, path: string, body: string, headers: Record<string, string>): Promise<Response>
  /** The body of a GET, parsed. */
  read<T>(path: string, options?: SendOptions): Promise<T>
}

interface SendOptions {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** What a test file of functions needs: one platform, its store empty before each test. */
export function functionKit(options: TestPlatformOptions | (() => Promise<TestPlatformOptions>) = {}): FunctionKit {
  const app = createApp(FUNCTIONS)
  let opened: TestPlatform | undefined
  const current = (): TestPlatform => {
    if (opened === undefined) throw new Error('The platform is open inside tests only')
    return opened
  }
  beforeAll(async () => {
    opened = await testPlatform(typeof options === 'function' ? await options() : options)
  })
  beforeEach(() => clearStore(current().store))
  afterAll(async () => await opened?.[Symbol.asyncDispose]())
  const kit: FunctionKit = {
    get platform() {
      return current()
    },
    async send(method, path, { body, headers = {} } = {}) {
      const json = body === undefined ? {} : { body: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      return await app.request(path, { method, headers: { ...type, ...headers }, ...json }, { platform: current() })
    },
    async sendText(method, path, body, headers) {
      return await app.request(path, { method, headers, body }, { platform: current() })
    },
    async read<T>(path: string, options?: SendOptions) {
      return (await (await kit.send('GET', path, options)).json()) as T
    },
  }
  return kit
}
