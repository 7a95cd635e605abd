import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import type { World } from '../target.ts'

const SETTINGS = fileURLToPath(new URL('../../../wrangler.toml', import.meta.url))
const ENTRY = fileURLToPath(new URL('../entries/worker.ts', import.meta.url))
const BATCH_SIZE = 10 // the suite wants to see invocations that several messages share
const BATCH_SECONDS = 1

interface Binding {
  readonly binding: string
}

interface Consumer {
  readonly queue: string
  readonly dead_letter_queue: string
}

interface Settings {
  readonly name: string
  readonly compatibility_flags: readonly string[]
  readonly assets: { readonly directory: string }
  readonly alias: Readonly<Record<string, string>>
  readonly r2_buckets: readonly Binding[]
  readonly queues: { readonly producers: readonly Binding[]; readonly consumers: readonly Consumer[] }
}

/** The production settings with the entry of the probes, the services of the world, and a consumer for dead letters. */
export async function settingsFor(world: World): Promise<Record<string, unknown>> {
  const production = parse(await readFile(SETTINGS, 'utf8')) as unknown as Settings
  const absolute = (path: string) => resolve(dirname(SETTINGS), path)
  const [consumer] = production.queues.consumers
  if (consumer === undefined) throw new Error('wrangler.toml has no consumer')
  return {
    ...production,
    main: ENTRY,
    compatibility_flags: [...production.compatibility_flags, 'service_binding_extra_handlers'],
    services: [{ binding: 'SELF', service: production.name, entrypoint: 'Driven' }],
    assets: { ...production.assets, directory: absolute(production.assets.directory) },
    alias: Object.fromEntries(Object.entries(production.alias).map(([name, path]) => [name, absolute(path)])),
    r2_buckets: [...production.r2_buckets, { binding: 'LETTERS', bucket_name: 'conformance-letters' }],
    hyperdrive: hyperdrives(world),
    queues: {
      producers: production.queues.producers,
      consumers: [
        { ...consumer, max_batch_size: BATCH_SIZE, max_batch_timeout: BATCH_SECONDS },
        { queue: consumer.dead_letter_queue, max_batch_timeout: 0 },
      ],
    },
  }
}

/** As a file of secrets: wrangler shows the values of plain variables to whoever starts it. */
export function secretsFor(world: World): string {
  const [, ...byUrl] = Object.entries(world.sources)
  const sources = byUrl.map(([name, url]) => [`HELIX_SOURCE_${name.toUpperCase()}_URL`, url] as const)
  return [...Object.entries(world.settings), ...sources].map(([name, value]) => `${name}='${value}'\n`).join('')
}

/** The first source is bound as people bind their own, the others are given by URL. */
function hyperdrives(world: World) {
  const [first] = Object.entries(world.sources)
  return [
    { binding: 'STORE', id: 'store', localConnectionString: withPassword(world.storeUrl) },
    ...(first === undefined
      ? []
      : [
          {
            binding: `HELIX_SOURCE_${first[0].toUpperCase()}`,
            id: 'source',
            localConnectionString: withPassword(first[1]),
          },
        ]),
  ]
}

/** Hyperdrive wants a password, also for a server that asks for none. */
function withPassword(url: string): string {
  const complete = new URL(url)
  if (complete.password === '') complete.password = 'none'
  return complete.href
}

/** Where the settings of a target lie, with what wrangler writes beside them. */
export function folderOf(world: World): string {
  return join(world.scratch, 'workerd')
}
