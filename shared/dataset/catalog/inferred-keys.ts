import { Problem } from '../../platform/problems.ts'
import type { Source } from '../../platform/source.ts'
import { displayName, type ForeignKey, type Relation, sameRelation } from './catalog.ts'
import { compareNames } from './compare-names.ts'
import { candidateKeys, candidateName, type KeyCandidate } from './key-names.ts'
import { quoteColumns, quoteIdentifier, quoteRelation } from './quote.ts'

const CANDIDATES_PER_STATEMENT = 25
const CHILD_ROWS_MAX = 20_000 // values that a column holds repeat: more rows rarely show other ones
const CHILD_VALUES_MAX = 2000
const TARGET_ROWS_MAX = 200_000 // unique among these is unique enough
const TARGET_ROWS_SEARCHED_MAX = 5_000_000 // without an index, looking values up reads the whole table
const TREE_LEVELS_MAX = 50 // no hierarchy that people keep is as deep: what goes on is a ring
const STATEMENT_MS_MAX = 20_000
const ORPHAN_SHARE_MAX = 0.01 // nobody kept the data clean: a few rows may refer to what was deleted

// Which rows a limit keeps must not depend on who reads along.
const STEADY = `
  select set_config('max_parallel_workers_per_gather', '0', true),
         set_config('synchronize_seqscans', 'off', true)`

/**
 * Foreign keys that nobody declared: suggested by names, proved by data (every value is found in the target, whose
 * values are unique). They are marked `inferred`, never part of DDL. A check that the database refuses proves nothing.
 * @throws {Problem} `source_unreachable`
 */
export async function inferForeignKeys(
  source: Source,
  relations: readonly Relation[],
  declared: readonly ForeignKey[],
): Promise<ForeignKey[]> {
  const candidates = candidateKeys(relations, declared)
  const toCheck = candidates.filter((candidate) => !isOwnKey(candidate) && isSearchable(candidate))
  const proved: KeyCandidate[] = candidates.filter(isOwnKey)
  for (let start = 0; start < toCheck.length; start += CANDIDATES_PER_STATEMENT) {
    const some = toCheck.slice(start, start + CANDIDATES_PER_STATEMENT)
    const evidence = await gatherEvidence(source, some)
    proved.push(...some.filter((candidate, place) => isProved(candidate, evidence.get(place))))
  }
  const best = bestPerColumns(proved).filter((candidate) => !isOwnKey(candidate))
  const keys = best.map(foreignKeyFrom)
  return keys
    .filter((key) => !isImplied(key, [...declared, ...keys]))
    .sort(
      (one, other) =>
        compareNames(displayName(one.from), displayName(other.from)) || compareNames(one.name, other.name),
    )
}

interface Evidence {
  readonly place: number
  /** Different values looked up, and how many of them the target has. */
  readonly sought: number
  readonly found: number
  readonly is_unique: boolean
  /** Of a table's key to itself: it leads from row to row, and comes to an end. */
  readonly is_tree: boolean
}

async function gatherEvidence(source: Source, candidates: readonly KeyCandidate[]): Promise<Map<number, Evidence>> {
  try {
    const rows = await source.readOnly(async (tx) => {
      await tx.query(STEADY)
      const statement = candidates.map(evidenceSql).join('\n  union all\n')
      return (await tx.query<Evidence>(statement)).rows
    }, STATEMENT_MS_MAX)
    return new Map(rows.map((row) => [row.place, row]))
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error) || !('code' in error) || error.code === '42601')
      throw error
    if (candidates.length === 1) return new Map()
    // One table may be locked or too slow: the others are asked one by one.
    const found = new Map<number, Evidence>()
    for (const [place, candidate] of candidates.entries()) {
      const alone = (await gatherEvidence(source, [candidate])).get(0)
      if (alone !== undefined) found.set(place, alone)
    }
    return found
  }
}

function evidenceSql(candidate: KeyCandidate, place: number): string {
  const { from, fromColumns, to, toColumns, isDeclaredUnique } = candidate
  const values = fromColumns.map((name, at) => `${quoteIdentifier(name)} as v${at}`).join(', ')
  const filled = fromColumns.map((name) => `${quoteIdentifier(name)} is not null`).join(' and ')
  const meets = toColumns.map((name, at) => `target.${quoteIdentifier(name)} = child.v${at}`).join(' and ')
  const key = quoteIdentifier(toColumns[0] ?? '')
  const unique = isDeclaredUnique
    ? 'true'
    : `(select count(*) > 0 and count(*) = count(distinct ${key})
              from (select ${key} from ${quoteRelation(to)} limit ${TARGET_ROWS_MAX}) picked)`
  return `
  (with child as materialized (
     select distinct * from (select ${values} from ${quoteRelation(from)} where ${filled} limit ${CHILD_ROWS_MAX}) picked
      limit ${CHILD_VALUES_MAX})
   select ${place} as place, (select count(*)::int from child) as sought,
          (select count(*)::int from child
            where exists (select 1 from ${quoteRelation(to)} target where ${meets})) as found,
          ${unique} as is_unique, ${sameRelation(from, to) ? treeSql(candidate) : 'true'} as is_tree)`
}

/** Small numbers are found in any table: those that mean another one go around in rings, or stand for their own row. */
function treeSql({ from, fromColumns, toColumns }: KeyCandidate): string {
  const [above, below] = [fromColumns[0], toColumns[0]].map((name) => quoteIdentifier(name ?? ''))
  return `
          (with recursive link as materialized (
             select ${below} as below, ${above} as above
               from (select * from ${quoteRelation(from)} where ${above} is not null limit ${CHILD_ROWS_MAX}) picked
              where ${above} <> ${below}
           ), up(at, level) as (
             select above, 1 from link
             union
             select link.above, up.level + 1 from up join link on link.below = up.at where up.level < ${TREE_LEVELS_MAX}
           )
           select coalesce(max(level), 0) between 1 and ${TREE_LEVELS_MAX - 1} from up)`
}

function isProved({ to, from }: KeyCandidate, evidence: Evidence | undefined): boolean {
  if (evidence === undefined || evidence.sought === 0 || !evidence.is_unique || !evidence.is_tree) return false
  const orphans = evidence.sought - evidence.found
  // A hierarchy's rows refer to others of their own, all of them.
  return sameRelation(to, from) ? orphans === 0 : orphans <= evidence.sought * ORPHAN_SHARE_MAX
}

function isOwnKey({ from, to, fromColumns, toColumns }: KeyCandidate): boolean {
  return sameRelation(from, to) && fromColumns[0] === toColumns[0]
}

function isSearchable({ to, isDeclaredUnique }: KeyCandidate): boolean {
  return isDeclaredUnique || to.rowsEstimated <= TARGET_ROWS_SEARCHED_MAX
}

/** Of several targets for the same columns the one with the best name; none where two are equally good. */
function bestPerColumns(candidates: readonly KeyCandidate[]): readonly KeyCandidate[] {
  const groups = new Map<string, KeyCandidate[]>()
  for (const candidate of candidates) {
    const name = candidateName(candidate)
    groups.set(name, [...(groups.get(name) ?? []), candidate])
  }
  return [...groups.values()].flatMap((group) => {
    const [best, next] = group.toSorted((one, other) => other.rank - one.rank)
    return best === undefined || next?.rank === best.rank ? [] : [best]
  })
}

function foreignKeyFrom({ from, fromColumns, to, toColumns }: KeyCandidate): ForeignKey {
  return {
    name: `inferred_${fromColumns.join('_')}`,
    from: { schema: from.schema, name: from.name },
    fromColumns,
    to: { schema: to.schema, name: to.name },
    toColumns,
    definition: `FOREIGN KEY ${quoteColumns(fromColumns)} REFERENCES ${quoteRelation(to)} ${quoteColumns(toColumns)}`,
    inferred: true,
  }
}

/** A line's return refers to the line: that it refers to the line's order as well says nothing new. */
function isImplied(key: ForeignKey, all: readonly ForeignKey[]): boolean {
  return all.some(
    (other) =>
      other !== key &&
      sameRelation(other.from, key.from) &&
      other.fromColumns.length > key.fromColumns.length &&
      key.fromColumns.every((column) => other.fromColumns.includes(column)) &&
      all.some(
        (onward) =>
          sameRelation(onward.from, other.to) &&
          sameRelation(onward.to, key.to) &&
          key.fromColumns.every((column) =>
            onward.fromColumns.includes(other.toColumns[other.fromColumns.indexOf(column)] ?? ''),
          ),
      ),
  )
}
