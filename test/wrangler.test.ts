import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { INVOCATION_MS_MAX } from '../functions/cloudflare.ts'
import { SCHEDULED } from '../scheduled/manifest.ts'
import { SUBREQUESTS_MAX } from '../shared/platform/cloudflare-subrequests.ts'
import { parseConfig } from '../shared/platform/config.ts'
import { DELIVERIES_MAX } from '../shared/platform/consume.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

interface Settings {
  readonly main: string
  readonly compatibility_flags: readonly string[]
  readonly workers_dev: boolean
  readonly vars: Readonly<Record<string, string>>
  readonly limits: { readonly cpu_ms: number; readonly subrequests: number }
  readonly observability: { readonly enabled: boolean }
  readonly triggers: { readonly crons: readonly string[] }
  readonly assets: Readonly<Record<string, unknown>> & { readonly directory: string; readonly binding: string }
  readonly hyperdrive: readonly { readonly binding: string }[]
  readonly r2_buckets: readonly { readonly binding: string; readonly bucket_name: string }[]
  readonly queues: {
    readonly producers: readonly { readonly binding: string; readonly queue: string }[]
    readonly consumers: readonly (Readonly<Record<string, number>> & {
      readonly queue: string
      readonly dead_letter_queue: string
    })[]
  }
  readonly alias: Readonly<Record<string, string>>
}

const settings = parse(textOf('wrangler.toml')) as unknown as Settings

test('fires each expression of the schedules once, and no more of them than a Worker may have', () => {
  const wanted = [...new Set(SCHEDULED.map(({ cron }) => cron))]
  expect([...settings.triggers.crons].sort()).toEqual(wanted.sort())
  expect(wanted.length).toBeLessThanOrEqual(5)
})

test('binds what the Worker reads, and nothing else', () => {
  const { hyperdrive, r2_buckets, queues, assets } = settings
  const bound = [...hyperdrive, ...r2_buckets, ...queues.producers, assets].map(({ binding }) => binding)
  const declared = /export interface CloudflareEnv \{([^}]*)\}/.exec(textOf('shared/platform/cloudflare.ts'))?.[1] ?? ''
  const read = [...declared.matchAll(/readonly ([A-Z_]+):/g)].map((match) => match[1])
  expect(read).toContain('STORE')
  expect(bound.sort()).toEqual(read.sort())
})

test('consumes the queue that it sends to, a step per invocation, and keeps dead letters in the other one', () => {
  const { producers, consumers } = settings.queues
  const queueOf = (binding: string) => producers.find((producer) => producer.binding === binding)?.queue
  expect(consumers).toHaveLength(1)
  expect(consumers[0]).toMatchObject({ queue: queueOf('QUEUE'), dead_letter_queue: queueOf('DEAD_LETTERS') })
  expect(consumers[0]).toMatchObject({ max_batch_size: 1, max_batch_timeout: 0 })
})

test('lets the consumer bury a message with its reason long before the queue gives it up without one', () => {
  expect(settings.queues.consumers[0]?.max_retries).toBe(100) // the most that a queue takes
  expect(DELIVERIES_MAX).toBeLessThan(20)
})

test('runs as many steps at once as there may be running tasks', () => {
  const { HELIX_MAX_RUNNING_TASKS } = parseConfig(settings.vars)
  expect(settings.queues.consumers[0]?.max_concurrency).toBeGreaterThanOrEqual(HELIX_MAX_RUNNING_TASKS)
})

test('allows an invocation the CPU time and the subrequests that the code plans with', () => {
  expect(settings.limits.cpu_ms).toBeLessThanOrEqual(300_000) // the most that a paid Worker gets
  expect(INVOCATION_MS_MAX).toBeLessThanOrEqual(settings.limits.cpu_ms * 0.9)
  expect(settings.limits.subrequests).toBe(SUBREQUESTS_MAX)
})

test('is watched, speaks Node, has no address until one is chosen and lets the functions decide about files', () => {
  expect(settings.observability.enabled).toBe(true)
  expect(settings.compatibility_flags).toEqual(['nodejs_compat'])
  expect(settings.workers_dev).toBe(false)
  expect(settings.assets).toMatchObject({ run_worker_first: true, not_found_handling: 'none' })
})

test('names files that exist and replaces packages that are installed', () => {
  const packages = Object.keys((JSON.parse(textOf('package.json')) as { dependencies: object }).dependencies)
  expect(packages).toEqual(expect.arrayContaining(Object.keys(settings.alias)))
  for (const path of [settings.main, settings.assets.directory, ...Object.values(settings.alias)]) {
    expect(existsSync(join(root, path)), path).toBe(true)
  }
})
