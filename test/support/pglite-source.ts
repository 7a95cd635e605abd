import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { postgresSource } from '../../shared/platform/postgres-source.ts'
import { textTypes } from '../../shared/platform/postgres-values.ts'
import type { Source } from '../../shared/platform/source.ts'

export interface TestSource extends AsyncDisposable {
  readonly source: Source
  /** Runs a script of several statements, with the right to write. */
  script(sql: string): Promise<void>
}

/** A source on an embedded database in memory. Opening one takes seconds: share it within a file. */
export async function openPgliteSource(name = 'embedded'): Promise<TestSource> {
  const db = new PGlite()
  const config = createPgConfig(db)
  class EmbeddedClient extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, ...config, types: textTypes } as pg.ClientConfig)
    }
  }
  const pool = new pg.Pool({ Client: EmbeddedClient, max: 1 } as pg.PoolConfig)
  return {
    source: await postgresSource({ name, pool, stopsStatements: false, owned: true }),
    async script(sql) {
      await db.exec(sql)
    },
    async [Symbol.asyncDispose]() {
      await pool.end()
      await db.close()
    },
  }
}

/** A source on a fresh database of the server, dropped in the end. @param url any database of that server */
export async function openServerSource(url: string, database: string): Promise<TestSource> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`drop database if exists "${database}" with (force)`)
  await admin.query(`create database "${database}"`)
  const own = new URL(url)
  own.pathname = `/${database}`
  const pool = new pg.Pool({ connectionString: own.href, max: 2, types: textTypes })
  pool.on('error', () => undefined)
  return {
    source: await postgresSource({ name: database, pool, stopsStatements: true }),
    async script(sql) {
      await pool.query(sql)
    },
    async [Symbol.asyncDispose]() {
      await pool.end()
      await admin.query(`drop database if exists "${database}" with (force)`)
      await admin.end()
    },
  }
}
