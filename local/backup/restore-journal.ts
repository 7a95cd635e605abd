import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { maskUrl } from '../../shared/platform/mask.ts'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Queryable } from '../../shared/platform/store.ts'
import { type Swap, swapBack, swapForward } from './swap.ts'

/** What a restore is about to do, written before it does it: whoever finds this file knows how to end it. */
const Journal = z.object({
  swaps: z.array(z.object({ from: z.string(), to: z.string(), kept: z.string().nullable() })),
  /** Of a server: the transaction with which the folders change place or do not, and where it ran, without secrets. */
  transaction: z.object({ id: z.string(), database: z.string() }).nullable(),
})

/** Where a restore goes, as far as its journal is concerned. */
export interface JournalPlace {
  readonly url: string | null
  readonly filesRoot: string
}

const OWN_TRANSACTION = `
  select pg_current_xact_id()::text as id`

const TRANSACTION_STATUS = `
  select pg_xact_status($1::xid8) as status`

/** Lets the folders change place. @param tx of a server: commits after this, or everything is undone */
export async function swapJournalled(place: JournalPlace, swaps: readonly Swap[], tx: Queryable | null): Promise<void> {
  const id = tx === null ? null : (await tx.query<{ id: string }>(OWN_TRANSACTION)).rows[0]?.id
  const transaction = id == null || place.url === null ? null : { id, database: maskUrl(place.url) }
  const temporary = `${journalPath(place)}.tmp`
  await writeFile(temporary, JSON.stringify({ swaps, transaction }), { mode: 0o600, flush: true })
  await rename(temporary, journalPath(place))
  await swapForward(swaps)
}

/** How a restore ended whose folders were about to change place: they have, or the old ones are where they were. */
export type Outcome = 'finished' | 'undone'

/**
 * Ends what an earlier restore, or this one, was cut off in: forward when its store has been committed, else back.
 * An embedded store is one of the folders, and everything was ready: that goes forward too, unless `failed`.
 * @returns null where there was nothing to end
 * @throws {Problem} `restore_refused` when it can't be known how that restore ended
 */
export async function settleJournal(place: JournalPlace, { failed = false } = {}): Promise<Outcome | null> {
  const path = journalPath(place)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const { swaps, transaction } = Journal.parse(JSON.parse(text))
  const isCommitted = transaction === null ? !failed : await hasCommitted(place, transaction)
  await (isCommitted ? swapForward(swaps) : swapBack(swaps))
  await rm(path)
  return isCommitted ? 'finished' : 'undone'
}

/** Forgets a restore that has ended well. */
export async function removeJournal(place: JournalPlace): Promise<void> {
  await rm(journalPath(place), { force: true })
}

async function hasCommitted(place: JournalPlace, { id, database }: { id: string; database: string }): Promise<boolean> {
  const unknown = (why: string) =>
    new Problem('restore_refused', `A restore into ${database} was cut off, and ${why} (${journalPath(place)})`, {
      hint: 'Restore into that same database again, which ends it first',
    })
  if (place.url === null || maskUrl(place.url) !== database) throw unknown('this is another store')
  const store = postgresStore({ pool: serverPool(place.url), kind: 'server' })
  try {
    const { rows } = await store.query<{ status: string | null }>(TRANSACTION_STATUS, [id])
    const status = rows[0]?.status ?? null
    if (status === 'committed') return true
    if (status === 'aborted') return false
    throw unknown(status === null ? 'the server has forgotten how it ended' : 'it has not ended yet')
  } finally {
    await store.close()
  }
}

/** Beside the files, on their volume. */
function journalPath({ filesRoot }: JournalPlace): string {
  return `${filesRoot}.restoring.json`
}
