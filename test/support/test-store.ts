import { createHash, randomUUID } from 'node:crypto'
import pg from 'pg'
import { openTemporaryStore } from '../../local/drivers/embedded-store.ts'
import { migrate, migrationTexts } from '../../local/drivers/migrate.ts'
import { templateCacheDir } from '../../local/drivers/template-cache.ts'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import type { Store } from '../../shared/platform/store.ts'

export interface TestStore extends Store {
  /** Where else it can be reached; null for the embedded one. */
  readonly url: string | null
}

const TEMPLATE_LOCK = 4_812_077 // any number that nobody else locks on that server

/**
 * A migrated, empty store of the caller's own, gone when closed: a fresh database on the server of
 * `HELIX_TEST_DATABASE_URL`, else an embedded one. About a second, after the first on a machine.
 */
export async function openTestStore(): Promise<TestStore> {
  const serverUrl = process.env.HELIX_TEST_DATABASE_URL
  if (serverUrl !== undefined && serverUrl !== '') return await openServerTestStore(serverUrl)
  return { ...(await openTemporaryStore(await templateCacheDir('.helix'))), url: null }
}

async function openServerTestStore(serverUrl: string): Promise<TestStore> {
  const name = `helix_test_${randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl, async (admin) => {
    const template = await ensureTemplate(admin, serverUrl)
    await admin.query(`create database ${name} template ${template}`)
  })
  const url = databaseUrl(serverUrl, name)
  const store = postgresStore({ pool: serverPool(url), kind: 'server' })
  return {
    ...store,
    url,
    async close() {
      await store.close()
      await onServer(serverUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** One migrated database per content of the migrations. It is a template only once it is complete. */
async function ensureTemplate(admin: pg.Client, serverUrl: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(migrationTexts())).digest('hex').slice(0, 16)
  const template = `helix_template_${hash}`
  await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
  try {
    const found = await admin.query('select from pg_database where datname = $1 and datistemplate', [template])
    if (found.rows.length > 0) return template
    await admin.query(`drop database if exists ${template} with (force)`)
    await admin.query(`create database ${template}`)
    const pool = new pg.Pool({ connectionString: databaseUrl(serverUrl, template), max: 1 })
    await migrate(pool).finally(() => pool.end())
    await admin.query(`alter database ${template} with is_template true allow_connections false`)
    return template
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK])
  }
}

async function onServer<T>(serverUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
