import type { LogEvent } from '../../shared/platform/log.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Store } from '../../shared/platform/store.ts'
import { isTemporary } from '../drivers/disk-walk.ts'
import { sha256Of } from './memory-files.ts'

/** What functions have done to the world: plain values in the order in which they happened, made for `toEqual`. */
export interface Effects {
  /** Every write of a file, with the hash of the whole file after it. */
  readonly files: readonly FileEffect[]
  /** Every message that was sent, also those that a fault then took. */
  readonly messages: readonly MessageEffect[]
  /** Every request to a model. */
  readonly models: readonly ModelEffect[]
  readonly log: readonly LogEffect[]
  /** Rows written per table, by name, as they were when the latest call of the kit had ended. */
  readonly rows: Readonly<Record<string, RowEffect>>
}

export interface FileEffect {
  readonly key: string
  /** Null where it was deleted. */
  readonly sha256: string | null
  readonly bytes: number
}

export interface MessageEffect {
  readonly function: string
  readonly body: unknown
  readonly delaySeconds: number
}

/** A question to a language model, or texts for an embedder. */
export type ModelEffect =
  | { readonly model: string; readonly schemaName: string; readonly system: string; readonly prompt: string }
  | { readonly model: string; readonly texts: readonly string[] }

export interface LogEffect {
  readonly event: LogEvent
  readonly fields: Readonly<Record<string, unknown>>
}

/** Rows that statements wrote, also those of a transaction that was rolled back. */
export interface RowEffect {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

const MACHINE_EVENTS = /^(runner|supervisor|store|envelope)\./ // of this machine and process, not of what functions do

// Counted by the database itself. Its counts are behind until it is asked to bring them up to date.
const FLUSH = 'select pg_stat_force_next_flush()'
const ROWS = `
  select relname as name, n_tup_ins::int as inserted, n_tup_upd::int as updated, n_tup_del::int as deleted
    from pg_stat_user_tables
   order by relname`

type RowCounts = ReadonlyMap<string, RowEffect>

/** Keeps the effects of one environment. */
export class EffectsRecorder {
  readonly #files: FileEffect[] = []
  readonly #messages: MessageEffect[] = []
  readonly #models: ModelEffect[] = []
  readonly #log: LogEffect[] = []
  #before: RowCounts = new Map()
  #rows: Readonly<Record<string, RowEffect>> = {}

  /** @param bytes the whole file; null where it was deleted */
  file(key: string, bytes: Uint8Array | null): void {
    if (isTemporary(key)) return
    this.#files.push({ key, sha256: bytes === null ? null : sha256Of(bytes), bytes: bytes?.length ?? 0 })
  }

  /** The ports through which functions write messages, ask models and log. */
  ports({ queue, llm, embedder, log }: Platform): Pick<Platform, 'queue' | 'llm' | 'embedder' | 'log'> {
    return {
      queue: {
        send: async (message, delaySeconds = 0) => {
          this.#messages.push({ function: message.function, body: plain(message.body), delaySeconds })
          await queue.send(message, delaySeconds)
        },
      },
      llm:
        llm === null
          ? null
          : {
              model: llm.model,
              complete: async (request) => {
                const { schemaName, system, prompt } = request
                this.#models.push({ model: llm.model, schemaName, system, prompt })
                return await llm.complete(request)
              },
            },
      embedder: {
        model: embedder.model,
        get dimension() {
          return embedder.dimension
        },
        embed: async (texts, signal) => {
          this.#models.push({ model: embedder.model, texts: [...texts] })
          return await embedder.embed(texts, signal)
        },
      },
      log: (event, fields = {}) => {
        log(event, fields)
        if (!MACHINE_EVENTS.test(event)) this.#log.push({ event, fields: plain(fields) })
      },
    }
  }

  /** Rows are counted from now on. */
  async begin(store: Store): Promise<void> {
    this.#before = await rowCounts(store)
  }

  /** Looks at the rows. */
  async look(store: Store): Promise<void> {
    const changed = [...(await rowCounts(store))].map(
      ([name, now]) => [name, less(now, this.#before.get(name))] as const,
    )
    this.#rows = Object.fromEntries(
      changed.filter(([, { inserted, updated, deleted }]) => inserted + updated + deleted > 0),
    )
  }

  /** A copy, which stays as it is. */
  get effects(): Effects {
    return structuredClone({
      files: this.#files,
      messages: this.#messages,
      models: this.#models,
      log: this.#log,
      rows: this.#rows,
    })
  }
}

async function rowCounts(store: Store): Promise<RowCounts> {
  await store.query(FLUSH)
  const { rows } = await store.query<RowEffect & { name: string }>(ROWS)
  return new Map(rows.map(({ name, inserted, updated, deleted }) => [name, { inserted, updated, deleted }]))
}

function less(now: RowEffect, before: RowEffect | undefined): RowEffect {
  const { inserted, updated, deleted } = before ?? { inserted: 0, updated: 0, deleted: 0 }
  return {
    inserted: now.inserted - inserted,
    updated: now.updated - updated,
    deleted: now.deleted - deleted,
  }
}

/** As JSON gives it back. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
