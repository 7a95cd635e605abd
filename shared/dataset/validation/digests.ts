import type { ReadLimits, Source } from '../../platform/source.ts'
import { type FailureClass, failureOf } from './failure.ts'
import { isRecursive } from './recursion.ts'
import { tokensOf } from './tokens.ts'
import { listOf, selectOf, type Tree } from './tree.ts'

/** What is compared of a statement's result, computed by the database: nothing of it is carried here. */
export interface Digest {
  readonly rows: number
  /** Rows with at least one value. */
  readonly toldRows: number
  /** Equal for the same rows in any order. */
  readonly content: string
  /** Equal for the same rows in the same order; the content's where the statement gives no order. */
  readonly sequence: string
}

export interface DigestLimits {
  /** Planned cost above which a statement is not run. */
  readonly costMax: number
  readonly timeoutMs: number
}

/** Cost units of the planner: under a second on most machines, and unlike time the same on every run. */
export const DIGEST_LIMITS: DigestLimits = { costMax: 200_000, timeoutMs: 10_000 }

/** An accepted statement and small changes of it. */
export interface Variants {
  /** Of the first. */
  readonly tree: Tree
  readonly statements: readonly string[]
}

interface Part {
  readonly number: number
  readonly sql: string
}

const ANSWER: Omit<ReadLimits, 'timeoutMs'> = { rowsMax: 2_000, bytesMax: 1_000_000 } // a short row for each statement
const TOGETHER_COST_MAX = 50_000 // where many are asked at once, what one of them costs should not keep the others waiting
const TOGETHER_CHARACTERS_MAX = 60_000
const TOGETHER_CHARACTERS_MAX_EMBEDDED = 6_000 // it answers in this thread, which has leases and callers to attend to

/**
 * Digests of the results of statements, of many in one go where that is cheap enough; null for one that fails or is
 * too dear. A statement is asked alone only where those around it leave no other way.
 */
export async function digestsOf(
  source: Source,
  groups: readonly Variants[],
  limits: DigestLimits = DIGEST_LIMITS,
): Promise<readonly (readonly (Digest | null)[])[]> {
  let number = 0
  const asked = groups.map(({ tree, statements }) => {
    // Without its start or its end a recursion may never end, and an embedded database could not stop it.
    const endless = !source.stopsStatements && isRecursive(tree)
    const ordered = isOrdered(tree)
    const parts = statements.map((sql): Part => ({ number, sql: digestSql(sql, number++, ordered) }))
    return endless ? parts.slice(0, 1) : parts
  })
  const found = new Map<number, Digest>()
  const charactersMax = source.stopsStatements ? TOGETHER_CHARACTERS_MAX : TOGETHER_CHARACTERS_MAX_EMBEDDED
  for (const batch of batchesOf(asked, charactersMax)) {
    for (const [at, digest] of await readMany(source, batch, limits)) found.set(at, digest)
  }
  number = 0
  return groups.map(({ statements }) => statements.map(() => found.get(number++) ?? null))
}

/** Groups together as long as their text is not too long for one statement. */
function batchesOf(
  groups: readonly (readonly Part[])[],
  charactersMax: number,
): readonly (readonly (readonly Part[])[])[] {
  const batches: (readonly Part[])[][] = [[]]
  let characters = 0
  for (const group of groups) {
    const length = group.reduce((sum, { sql }) => sum + sql.length, 0)
    if (characters + length > charactersMax && characters > 0) {
      batches.push([])
      characters = 0
    }
    characters += length
    batches.at(-1)?.push(group)
  }
  return batches
}

type Digests = ReadonlyMap<number, Digest>

/** All at once; half of them, and half of those, where some fails or all are too dear together. */
async function readMany(source: Source, groups: readonly (readonly Part[])[], limits: DigestLimits): Promise<Digests> {
  const [only] = groups
  if (only === undefined) return new Map()
  if (groups.length === 1) return await readGroup(source, only, limits)
  const costMax = Math.min(limits.costMax, TOGETHER_COST_MAX)
  const together = await readDigests(source, groups.flat(), { ...limits, costMax })
  if (together instanceof Map) return together
  // What ran out of time would do so again in its half: each of them for itself.
  const parts = together === 'timeout' ? groups.map((group) => [group]) : halvesOf(groups)
  const digests = new Map<number, Digest>()
  for (const part of parts) for (const [at, digest] of await readMany(source, part, limits)) digests.set(at, digest)
  return digests
}

/** A statement with its changes; nothing where the statement itself has none. */
async function readGroup(source: Source, parts: readonly Part[], limits: DigestLimits): Promise<Digests> {
  const together = await readDigests(source, parts, limits)
  if (together instanceof Map) return together
  if (parts.length === 1) return new Map()
  const digests = new Map<number, Digest>()
  const [original, ...changes] = parts
  if (original === undefined) return digests
  const others = together === 'timeout' ? changes.map((change) => [change]) : halvesOf(changes)
  for (const some of [[original], ...others]) {
    for (const [at, digest] of await readGroup(source, some, limits)) digests.set(at, digest)
    if (!digests.has(original.number)) return digests
  }
  return digests
}

function halvesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = items.length >> 1
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0)
}

/** Whether the rows of the whole statement, not of a part of it, have an order. */
function isOrdered(tree: Tree): boolean {
  return listOf(selectOf(tree)?.sortClause).length > 0
}

/** Each row is written out once, and numbered only where its place says something. */
function digestSql(sql: string, number: number, ordered: boolean): string {
  const place = ordered ? ', row_number() over () as place' : ''
  const sequence = ordered ? 'sum(hashtextextended(line, place))' : 'sum(hashtextextended(line, 0))'
  return `select ${number} as statement, count(*) as rows, count(*) filter (where told) as told,
       sum(hashtextextended(line, 0))::text as content, ${sequence}::text as sequence
  from (select result::text as line, not (result is null) as told${place} from (${withoutEnd(sql)}
) as result offset 0) as lines`
}

/** Without a closing semicolon and what comes after it, which is a comment. */
function withoutEnd(sql: string): string {
  const last = tokensOf(sql).findLast(({ text }) => text !== ';')
  return last === undefined ? sql : sql.slice(0, last.end)
}

async function readDigests(
  source: Source,
  parts: readonly Part[],
  limits: DigestLimits,
): Promise<ReadonlyMap<number, Digest> | FailureClass> {
  const sql = parts.map((part) => part.sql).join('\nunion all\n')
  try {
    const { rows } = await source.read(sql, { ...ANSWER, ...limits })
    return new Map(
      rows.map((row) => [
        Number(row.statement),
        {
          rows: Number(row.rows),
          toldRows: Number(row.told),
          content: `${row.rows} ${row.content}`,
          sequence: `${row.rows} ${row.sequence}`,
        },
      ]),
    )
  } catch (error) {
    const failure = failureOf(error)
    if (failure === null) throw error
    return failure.class
  }
}
