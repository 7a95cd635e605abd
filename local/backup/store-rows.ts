import { createHash, type Hash } from 'node:crypto'
import type { Queryable } from '../../shared/platform/store.ts'
import type { Column, Table } from './store-tables.ts'

const PAGE_BYTES = 1 << 20 // a page in memory, and in the archive: about this much
const ROWS_FIRST = 100
const ROWS_MAX = 2_000

/** How every value is written as text without loss, whoever's session it is; of this transaction alone. */
export const FAITHFUL = [
  `set local timezone = 'UTC'`,
  `set local datestyle = 'ISO, YMD'`,
  `set local intervalstyle = 'postgres'`,
  `set local bytea_output = 'hex'`,
  'set local extra_float_digits = 1',
] as const

/** What is known of a table's rows: how many, and the hash of all of them in order of their key. */
export interface RowsDigest {
  readonly rows: number
  readonly sha256: string
}

/**
 * Reads a table page by page in order of its key, each row a JSON array of its values as text.
 * @param tx a transaction that sees one state of the store, {@link FAITHFUL} set
 */
export async function readRows(
  tx: Queryable,
  table: Table,
  onPage: (text: string, page: number) => Promise<void> = async () => undefined,
): Promise<RowsDigest> {
  await tx.query(`declare helix_rows no scroll cursor for ${selectOf(table)}`)
  const hash = createHash('sha256')
  let limit = ROWS_FIRST
  let rows = 0
  for (let page = 1; ; page++) {
    const lines = (await tx.query<{ line: string }>(`fetch forward ${limit} from helix_rows`)).rows
    if (lines.length > 0) {
      const text = lines.map(({ line }) => `${line}\n`).join('')
      hash.update(text)
      await onPage(text, page)
      rows += lines.length
      limit = Math.max(1, Math.min(ROWS_MAX, Math.floor((limit * PAGE_BYTES) / text.length)))
    }
    if (lines.length === 0) break
  }
  await tx.query('close helix_rows')
  return { rows, sha256: hash.digest('hex') }
}

/** Writes a page as {@link readRows} reads it. @param names which columns its values belong to, in order */
export async function writeRows(tx: Queryable, table: Table, names: readonly string[], text: string): Promise<void> {
  const lines = text.split('\n').filter((line) => line !== '')
  const columns = names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name)
    if (column === undefined) throw new Error(`${table.name} has no column ${name} here`)
    return column
  })
  await tx.query(
    `insert into ${quoted(table.name)} (${columns.map(({ name }) => quoted(name)).join(', ')})
     overriding system value
     select ${columns.map(writtenAs).join(', ')}
       from jsonb_array_elements($1::jsonb) as r (v)`,
    [`[${lines.join(',')}]`],
  )
}

/** Collects what {@link readRows} would have said of the rows that an archive holds. */
export class RowsHash {
  readonly #hash: Hash = createHash('sha256')
  #rows = 0

  add(text: string): void {
    this.#hash.update(text)
    this.#rows += text.split('\n').length - 1
  }

  digest(): RowsDigest {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') }
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** By bytes: two databases that sort words differently must agree on the order. */
function selectOf({ name, columns, primaryKey }: Table): string {
  const keys = columns.filter((column) => primaryKey.length === 0 || primaryKey.includes(column.name))
  const order = keys.map((column) =>
    isWord(column) ? `${quoted(column.name)}::text collate "C"` : quoted(column.name),
  )
  return `select to_json(array[${columns.map(readAs).join(', ')}]::text[])::text as line
            from ${quoted(name)}
           order by ${order.join(', ')}`
}

function isWord({ type }: Column): boolean {
  return !/^(bigint|integer|smallint|timestamp with time zone|uuid)$/.test(type)
}

// A store with pgvector keeps its vectors as `vector`, another as `real[]`; their texts differ in the brackets alone.
function isVector({ type }: Column): boolean {
  return type === 'real[]' || /^vector\b/.test(type)
}

function readAs(column: Column): string {
  const text = `${quoted(column.name)}::text`
  return isVector(column) ? `translate(${text}, '{}', '[]')` : text
}

function writtenAs(column: Column, index: number): string {
  const text = `(r.v ->> ${index})`
  return column.type === 'real[]' ? `translate(${text}, '[]', '{}')::real[]` : `${text}::${column.type}`
}
