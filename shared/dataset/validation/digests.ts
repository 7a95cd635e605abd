import type { ReadLimits, Source } from '../../platform/source.ts'
import { failureOf } from './failure.ts'
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

const ANSWER: Omit<ReadLimits, 'timeoutMs'> = { rowsMax: 100, bytesMax: 100_000 } // a short row for each statement

/**
 * Digests of the results of an accepted statement and of small changes of it, of all in one go where that is cheap
 * enough; null for one that fails or is too dear, and for all where it is the first.
 */
export async function digestsOf(
  source: Source,
  tree: Tree,
  statements: readonly string[],
  limits: DigestLimits = DIGEST_LIMITS,
): Promise<readonly (Digest | null)[]> {
  // Without its start or its end a recursion may never end, and an embedded database could not stop it.
  const endless = !source.stopsStatements && isRecursive(tree)
  const ordered = isOrdered(tree)
  const wrapped = statements.map((sql, index) => (endless && index > 0 ? null : digestSql(sql, index, ordered)))
  const together = await readDigests(source, wrapped.filter((sql) => sql !== null).join('\nunion all\n'), limits)
  if (together !== null) return statements.map((_, index) => together.get(index) ?? null)
  const digests: (Digest | null)[] = []
  for (const [index, sql] of wrapped.entries()) {
    digests.push(sql === null ? null : ((await readDigests(source, sql, limits))?.get(index) ?? null))
    if (digests[0] === null) return statements.map(() => null)
  }
  return digests
}

/** Whether the rows of the whole statement, not of a part of it, have an order. */
function isOrdered(tree: Tree): boolean {
  return listOf(selectOf(tree)?.sortClause).length > 0
}

function digestSql(sql: string, index: number, ordered: boolean): string {
  const place = ordered ? 'place' : '0'
  return `select ${index} as statement, count(*) as rows, count(*) filter (where not (result is null)) as told,
       sum(hashtextextended(result::text, 0))::text as content, sum(hashtextextended(result::text, ${place}))::text as sequence
  from (select result, row_number() over () as place from (${withoutEnd(sql)}
) as result) as numbered`
}

/** Without a closing semicolon and what comes after it, which is a comment. */
function withoutEnd(sql: string): string {
  const last = tokensOf(sql).findLast(({ text }) => text !== ';')
  return last === undefined ? sql : sql.slice(0, last.end)
}

async function readDigests(
  source: Source,
  sql: string,
  limits: DigestLimits,
): Promise<ReadonlyMap<number, Digest> | null> {
  try {
    if ((await source.explain(sql, limits.timeoutMs)).cost > limits.costMax) return null
    const { rows } = await source.read(sql, { ...ANSWER, timeoutMs: limits.timeoutMs })
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
    if (failureOf(error) === null) throw error
    return null
  }
}
