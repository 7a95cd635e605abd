import type { Platform } from './platform.ts'
import { Problem } from './problems.ts'
import type { Source, SourceRef } from './source.ts'

/** A connection given with a request instead of by configuration. */
export interface InlineConnection {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/** How a task remembers its source: by a configured name, or as a sealed connection. */
export type StoredSource =
  | { readonly kind: 'configured'; readonly name: string }
  | { readonly kind: 'inline'; readonly name: string; readonly sealed_url: string; readonly shown: ShownConnection }
  /** A run of nodes that read no database. */
  | { readonly kind: 'none'; readonly name: '' }

/** What people may see of an inline connection. */
export interface ShownConnection {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/**
 * Turns what a request says of its source into what a task remembers.
 * @throws {Problem} `source_not_found`, `secret_key_missing` (an inline password without a key to seal it)
 */
export async function storeSource(
  platform: Platform,
  request: { db_name?: string | undefined; db_connection?: InlineConnection | undefined },
): Promise<StoredSource> {
  const connection = request.db_connection
  if (connection === undefined) return { kind: 'configured', name: configuredName(platform, request.db_name) }
  const url = new URL('postgres://localhost')
  url.hostname = connection.host
  url.port = String(connection.port)
  url.pathname = `/${encodeURIComponent(connection.database)}`
  url.username = encodeURIComponent(connection.user ?? '')
  url.password = encodeURIComponent(connection.password ?? '')
  const { host, port, database, user = '' } = connection
  return {
    kind: 'inline',
    name: request.db_name ?? database,
    sealed_url: await platform.secrets.seal(url.href),
    shown: { host, port, database, user, password: '******' },
  }
}

/** Opens what a task remembers. @throws {Problem} as `Sources.open`, and `secret_key_missing` under another key */
export async function openStoredSource(platform: Platform, stored: StoredSource): Promise<Source> {
  const ref = await sourceRefOf(platform, stored)
  if (ref !== null) return await platform.sources.open(ref)
  throw new Problem('source_not_found', 'Cannot read a database: this task was started without one', {
    hint: 'Start it with db_name or db_connection',
  })
}

/** What a task remembers, as a source is opened by it; null where the task has none. @throws {Problem} `secret_key_missing` */
export async function sourceRefOf(platform: Platform, stored: StoredSource): Promise<SourceRef | null> {
  if (stored.kind === 'none') return null
  if (stored.kind === 'configured') return { name: stored.name }
  return { name: stored.name, url: await platform.secrets.open(stored.sealed_url) }
}

function configuredName(platform: Platform, asked: string | undefined): string {
  const names = platform.sources.list().map(({ name }) => name)
  const [only] = names
  if (asked === undefined && only !== undefined && names.length === 1) return only
  const found = names.find((name) => name === asked?.toLowerCase())
  if (found !== undefined) return found
  const attempted =
    asked === undefined ? 'Cannot choose a source: db_name is missing' : `Cannot find the source "${asked}"`
  throw new Problem('source_not_found', `${attempted}; configured: ${names.join(', ') || 'none'}`, {
    hint: 'Set HELIX_SOURCE_<NAME>_URL and use <name> in lower case as db_name',
  })
}
