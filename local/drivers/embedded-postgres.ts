import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import { shareThread } from './embedded-work.ts'
import { copyTemplate, type TemplateKey } from './template-cache.ts'

/** A Postgres inside this process. Its directory must not be open in another process. */
export interface EmbeddedPostgres {
  /** Of one connection: whoever holds a client must not wait for a second one. */
  readonly pool: pg.Pool
  /** Ends the pool, then the database. */
  close(): Promise<void>
}

/** How a new database is prepared. A copy is kept, since making one takes 4 to 15 s and copying it half a second. */
export interface DatabaseTemplate {
  /** What people call it: `store`. */
  readonly name: string
  /** Everything that `prepare` depends on, such as the text of the migrations. */
  readonly ingredients: readonly string[]
  readonly prepare: (pool: pg.Pool) => Promise<void>
}

export interface EmbeddedOptions {
  readonly template: DatabaseTemplate
  /** Where prepared copies are kept: `templateCacheDir(…)`. */
  readonly cacheDir: string
  /** How its clients read values; `pg`'s own way when absent. */
  readonly types?: pg.CustomTypesConfig
}

/**
 * Opens the database in `dir`; one that does not exist is copied from its template. An existing one is opened as it
 * is: the caller migrates it.
 */
export async function openEmbedded(dir: string, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  if (!existsSync(join(dir, 'PG_VERSION'))) await createFromTemplate(dir, options)
  return await openDirectory(dir, options.types)
}

/** A database of its own for a test or a trial, gone when closed. */
export async function openTemporary(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const parent = await mkdtemp(join(tmpdir(), 'helix-'))
  const embedded = await openEmbedded(join(parent, options.template.name), options)
  return {
    pool: embedded.pool,
    async close() {
      await embedded.close()
      await rm(parent, { recursive: true, force: true })
    },
  }
}

/** What a database made from the template depends on, the database's own version included. */
export async function templateKey({ name, ingredients }: DatabaseTemplate): Promise<TemplateKey> {
  return { name, ingredients: [...(await versions()), ...ingredients] }
}

async function createFromTemplate(dir: string, { template, cacheDir }: EmbeddedOptions): Promise<void> {
  await copyTemplate(cacheDir, await templateKey(template), dir, async (building) => {
    const database = await openDirectory(building)
    try {
      await template.prepare(database.pool)
      await database.pool.query('checkpoint') // so that copies have nothing to recover
    } finally {
      await database.close()
    }
  })
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    throw new Error(`${dir} holds something else than a database of Helix; move it away or choose another directory`)
  }
}

async function openDirectory(dir: string, types?: pg.CustomTypesConfig): Promise<EmbeddedPostgres> {
  const database = await PGlite.create({ dataDir: dir, extensions: { vector } })
  shareThread(database)
  // A connection object serves one client only, and the pool makes a new client whenever it has dropped one.
  class EmbeddedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...(types === undefined ? {} : { types }), ...createPgConfig(database) } as pg.ClientConfig)
    }
  }
  const pool = new pg.Pool({ Client: EmbeddedClient, max: 1, idleTimeoutMillis: 0 })
  let closed: Promise<void> | null = null
  const close = async () => {
    await pool.end()
    await database.close()
  }
  return {
    pool,
    close() {
      closed ??= close()
      return closed
    },
  }
}

/** A new release may lay out its files differently, so copies of another one are never used. */
async function versions(): Promise<string[]> {
  const require = createRequire(import.meta.url)
  const packages = ['@electric-sql/pglite', '@electric-sql/pglite-pgvector']
  return await Promise.all(
    packages.map(async (name) => {
      const folder = require.resolve.paths(name)?.find((modules) => existsSync(join(modules, name)))
      const manifest = await readFile(join(folder ?? '', name, 'package.json'), 'utf8')
      return `${name} ${(JSON.parse(manifest) as { version: string }).version}`
    }),
  )
}
