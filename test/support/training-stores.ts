import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import { postgresStore } from '../../shared/platform/postgres-store.ts'
import type { Store } from '../../shared/platform/store.ts'

const MIGRATION = new URL('../../shared/platform/migrations/0003_training-store.sql', import.meta.url)

/** The training store alone, on every kind of database that it must work with. Opening one takes seconds. */
export const TRAINING_STORES: readonly (readonly [string, () => Promise<Store>])[] = [
  ['embedded with pgvector', () => embedded({ vector })],
  ['embedded without pgvector', () => embedded({})],
  ...serverStores(),
]

async function embedded(extensions: { vector?: typeof vector }): Promise<Store> {
  const db = await new PGlite({ extensions })
  await db.exec(await readFile(MIGRATION, 'utf8'))
  class EmbeddedClient extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, ...createPgConfig(db) })
    }
  }
  const pool = new pg.Pool({ Client: EmbeddedClient, max: 1 })
  const store = postgresStore({ pool, kind: 'embedded' })
  const close = async () => {
    await store.close()
    await db.close()
  }
  return { ...store, close }
}

function serverStores(): [string, () => Promise<Store>][] {
  const url = process.env.HELIX_TEST_DATABASE_URL
  return url === undefined || url === '' ? [] : [['server', () => onServer(url)]]
}

async function onServer(url: string): Promise<Store> {
  const schema = `helix_training_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`create schema ${schema}`)
  const pool = new pg.Pool({ connectionString: url, max: 4, options: `-c search_path=${schema},public` })
  const store = postgresStore({ pool, kind: 'server' })
  await pool.query(await readFile(MIGRATION, 'utf8'))
  const close = async () => {
    await store.close()
    await admin.query(`drop schema ${schema} cascade`)
    await admin.end()
  }
  return { ...store, close }
}
