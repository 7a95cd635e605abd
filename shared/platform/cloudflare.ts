import type {
  Queue as CloudflareQueue,
  ExecutionContext,
  Fetcher,
  Hyperdrive,
  R2Bucket,
} from '@cloudflare/workers-types'
import pg from 'pg'
import { type CloudParts, cloudClock, type OpenPlatform, openCloudPlatform } from './cloud.ts'
import { r2Files } from './cloudflare-files.ts'
import { cloudflareQueue } from './cloudflare-queue.ts'
import { metered, subrequestMeter } from './cloudflare-subrequests.ts'
import { type Config, parseConfig } from './config.ts'
import { APPLICATION_NAME } from './postgres-store.ts'
import type { RequestFigures } from './request-figures.ts'
import type { Sandbox } from './sandbox.ts'

/** What wrangler.toml binds. Settings and secrets are strings beside these, a source may be a Hyperdrive too. */
export interface CloudflareEnv {
  readonly STORE: Hyperdrive
  readonly QUEUE: CloudflareQueue
  readonly DEAD_LETTERS: CloudflareQueue
  readonly FILES: R2Bucket
  /** Static files of `web/public`. */
  readonly ASSETS: Fetcher
  readonly [name: string]: unknown
}

export interface CloudflareOptions {
  readonly dispatch: CloudParts['dispatch']
  readonly sandbox: Sandbox
  /** Of the isolate. */
  readonly requests: RequestFigures
  /** How long this kind of invocation may take; null when nothing but its caller ends it. */
  readonly limitMs: number | null
}

const CONNECT_MS_MAX = 5_000
const SOURCE_BINDING = /^HELIX_SOURCE_[A-Z0-9_]+$/

/**
 * A platform for one invocation: connections can't be shared between two of them.
 * @throws {ConfigError} naming every bad variable
 */
export function openCloudflarePlatform(
  env: CloudflareEnv,
  context: Pick<ExecutionContext, 'waitUntil'>,
  { dispatch, sandbox, requests, limitMs }: CloudflareOptions,
): OpenPlatform {
  const config = configOf(env)
  const meter = subrequestMeter()
  const pool = new pg.Pool({
    connectionString: env.STORE.connectionString,
    max: 1, // Hyperdrive pools; an invocation may have six connections in all, and a source takes four
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: 0, // the invocation ends before an idle connection would bother anybody
    application_name: APPLICATION_NAME,
  })
  pool.on('connect', meter.count)
  return openCloudPlatform({
    cloud: 'cloudflare',
    config,
    pool,
    files: r2Files(metered(env.FILES, meter), config.HELIX_FILES_ROOT),
    queue: cloudflareQueue(metered(env.QUEUE, meter)),
    dispatch,
    sandbox,
    requests,
    keepAlive: (work) => context.waitUntil(work),
    deadline: limitMs === null ? null : new Date(cloudClock(config).now().getTime() + limitMs),
    stopping: meter.stopping,
    onSubrequest: meter.count,
  })
}

function configOf(env: CloudflareEnv): Config {
  const settings: Record<string, string> = { DATABASE_URL: env.STORE.connectionString }
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') settings[name] = value
    else if (SOURCE_BINDING.test(name)) settings[`${name}_URL`] = (value as Hyperdrive).connectionString
  }
  return parseConfig(settings, 'cloud')
}
