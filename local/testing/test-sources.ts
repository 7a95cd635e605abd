import { join } from 'node:path'
import { postgresSource } from '../../shared/platform/postgres-source.ts'
import { textTypes } from '../../shared/platform/postgres-values.ts'
import type { Source, Sources } from '../../shared/platform/source.ts'
import { openEmbedded } from '../drivers/embedded-postgres.ts'
import { templateCacheDir } from '../drivers/template-cache.ts'

interface Pool {
  query(sql: string): Promise<unknown>
}

const URL_OF_SERVER = /^postgres(ql)?:\/\//

/** Business databases made from a script of SQL, each on its first use; others are opened as before. */
export class TestSources {
  readonly #scripts: ReadonlyMap<string, string>
  readonly #folder: string
  readonly #opened = new Map<string, Promise<Source>>()

  /**
   * @param given a script, or the URL of a server, by name
   * @param folder where the databases are; whoever made it removes it
   */
  constructor(given: Readonly<Record<string, string>>, folder: string) {
    this.#scripts = new Map(Object.entries(given).filter(([, text]) => !URL_OF_SERVER.test(text)))
    this.#folder = folder
  }

  /** What the configuration is to say of them: a script's database has an address that leads nowhere. */
  static urls(given: Readonly<Record<string, string>>): Record<string, string> {
    const address = (name: string) => `postgres://embedded.invalid/${encodeURIComponent(name)}`
    return Object.fromEntries(
      Object.entries(given).map(([name, text]) => [name, URL_OF_SERVER.test(text) ? text : address(name)]),
    )
  }

  before(others: Sources): Sources {
    return {
      list: () => others.list(),
      open: async (ref) => {
        const script = ref.url === undefined ? this.#scripts.get(ref.name) : undefined
        if (script === undefined) return await others.open(ref)
        let opening = this.#opened.get(ref.name)
        if (opening === undefined) {
          opening = openScript(ref.name, script, this.#folder)
          this.#opened.set(ref.name, opening)
        }
        return { ...(await opening), [Symbol.asyncDispose]: async () => undefined } // closed at the end, for everybody
      },
    }
  }

  async close(): Promise<void> {
    for (const opening of this.#opened.values()) {
      const source = await opening.catch(() => null) // whoever opened it was told
      await source?.[Symbol.asyncDispose]()
    }
  }
}

async function openScript(name: string, script: string, folder: string): Promise<Source> {
  const template = {
    name: 'source',
    ingredients: [script],
    prepare: (pool: Pool) => run(pool, name, script),
  }
  const options = { template, cacheDir: await templateCacheDir(folder), types: textTypes }
  const embedded = await openEmbedded(join(folder, 'sources', encodeURIComponent(name)), options)
  const source = await postgresSource({ name, database: name, pool: embedded.pool, stopsStatements: false })
  return { ...source, [Symbol.asyncDispose]: embedded.close }
}

async function run(pool: Pool, name: string, script: string): Promise<void> {
  try {
    await pool.query(script)
  } catch (cause) {
    throw new Error(`sources: the script of "${name}" failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
  await pool.query('vacuum analyze') // the planner knows its rows, as that of a database in use
}
