import {
  type Catalog,
  displayName,
  type ForeignKey,
  type Relation,
  type RelationName,
  sameRelation,
} from '../catalog/catalog.ts'
import type { TableProfile } from '../catalog/profile.ts'
import { foreignKeyId } from './usage.ts'

/**
 * A unit of work for the generators, small enough to be checkpointed. JSON all through.
 * `join` follows one foreign key; `chain` goes from a child to its parent's parent; `bridge` joins two parents of one
 * child; `siblings` compares two kinds of children of one parent, `star` three or four.
 */
export interface Topic {
  /** Unique and stable for the same catalog. */
  readonly key: string
  readonly kind: 'relation' | 'join' | 'chain' | 'bridge' | 'siblings' | 'star'
  /** Relations that its questions are about, the first one foremost. */
  readonly relations: readonly RelationName[]
  /** `foreignKeyId` of the keys followed, in the order of `kind`. */
  readonly foreignKeys: readonly string[]
  /** Some relation has no rows (or nothing joins), so that answers are empty. */
  readonly onEmptyTable: boolean
}

export interface TopicOptions {
  /** Paths over two keys kept at most, the rest left out by kind and order of name; default 400. More would only slow the choice down. */
  readonly pathsMax?: number
}

const PATHS_MAX = 400
const PATHS_PER_RELATION = 12 // a hub's hundreds of paths are much alike

/**
 * Plans the work: a topic for each relation that can be read, each foreign key between such, and paths over two keys.
 * @param profiles by `displayName`; a relation without one, or whose profile has no columns, can't be read
 */
export function planTopics(
  catalog: Catalog,
  profiles: ReadonlyMap<string, TableProfile>,
  options: TopicOptions = {},
): readonly Topic[] {
  const readable = catalog.relations.filter((relation) => isReadable(relation, profiles))
  const isEmpty = (name: RelationName): boolean => (profiles.get(displayName(name))?.rows ?? 0) === 0
  const keys = catalog.foreignKeys.filter((key) =>
    [key.from, key.to].every((end) => readable.some((one) => sameRelation(one, end))),
  )
  const matches = (key: ForeignKey): boolean =>
    !isEmpty(key.to) &&
    key.fromColumns.every((column) => (profiles.get(displayName(key.from))?.columns[column]?.distinct ?? 0) > 0)
  const topics: Topic[] = readable.map((relation) => ({
    key: `relation:${displayName(relation)}`,
    kind: 'relation',
    relations: [{ schema: relation.schema, name: relation.name }],
    foreignKeys: [],
    onEmptyTable: isEmpty(relation),
  }))
  for (const key of keys) {
    topics.push({
      key: `join:${foreignKeyId(key)}`,
      kind: 'join',
      relations: [key.from, key.to],
      foreignKeys: [foreignKeyId(key)],
      onEmptyTable: !matches(key),
    })
  }
  return [...topics, ...pathTopics(keys.filter(matches)).slice(0, options.pathsMax ?? PATHS_MAX)]
}

function isReadable(relation: Relation, profiles: ReadonlyMap<string, TableProfile>): boolean {
  const profile = profiles.get(displayName(relation))
  return (
    relation.populated &&
    relation.columns.length > 0 &&
    profile !== undefined &&
    Object.keys(profile.columns).length > 0
  )
}

/** Chains and bridges first: they join what belongs together, and a hub's kinds of children would crowd them out. */
function pathTopics(keys: readonly ForeignKey[]): readonly Topic[] {
  const joins: Topic[] = []
  const siblings: Topic[] = []
  for (const one of keys) {
    const found = keys.flatMap((other) => {
      const topic = one === other ? null : pathTopic(one, other)
      return topic === null ? [] : [topic]
    })
    joins.push(...found.filter(({ kind }) => kind !== 'siblings').slice(0, PATHS_PER_RELATION))
    siblings.push(...found.filter(({ kind }) => kind === 'siblings').slice(0, PATHS_PER_RELATION))
  }
  return [...joins, ...starTopics(keys), ...siblings]
}

/** Where many keys of one name lead to one relation: four of them at a time, so that they meet in few statements. */
function starTopics(keys: readonly ForeignKey[]): readonly Topic[] {
  const groups = new Map<string, ForeignKey[]>()
  for (const key of keys) {
    if (key.fromColumns.length > 1 || sameRelation(key.from, key.to)) continue
    const group = `${displayName(key.to)} ${key.fromColumns.join()}`
    groups.set(group, [...(groups.get(group) ?? []), key])
  }
  return [...groups.values()].filter(({ length }) => length >= STAR_KEYS).flatMap(starsOf)
}

const STAR_KEYS = 4
const STAR_PAIRS_SHARE = 0.5 // of the pairs of keys, those that meet in some star

/** Each round takes all keys in another order; one round lets each meet three of the others. */
function starsOf(keys: readonly ForeignKey[]): readonly Topic[] {
  const { length } = keys
  const rounds = Math.ceil((STAR_PAIRS_SHARE * (length - 1)) / (STAR_KEYS - 1))
  const steps = Array.from({ length }, (_, step) => step + 1).filter((step) => commonDivisor(step, length) === 1)
  return steps.slice(0, rounds).flatMap((step) => {
    const order = keys.map((_, at) => keys[(at * step) % length]).filter((key) => key !== undefined)
    return Array.from({ length: Math.floor(length / STAR_KEYS) }, (_, at): Topic => {
      const some = order.slice(at * STAR_KEYS, (at + 1) * STAR_KEYS)
      const ids = some.map(foreignKeyId)
      const relations = [...some.slice(0, 1).map(({ to }) => to), ...some.map(({ from }) => from)]
      return { key: `star:${ids.join('+')}`, kind: 'star', relations, foreignKeys: ids, onEmptyTable: false }
    })
  })
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other)
}

function pathTopic(one: ForeignKey, other: ForeignKey): Topic | null {
  const kind = pathKind(one, other)
  if (kind === null) return null
  const ids = [foreignKeyId(one), foreignKeyId(other)]
  const relations = kind === 'siblings' ? [one.to, one.from, other.from] : [one.from, one.to, other.to]
  return { key: `${kind}:${ids.join('+')}`, kind, relations, foreignKeys: ids, onEmptyTable: false }
}

/** Each unordered pair of keys gives one bridge or one pair of siblings: the one in order of id. */
function pathKind(one: ForeignKey, other: ForeignKey): 'chain' | 'bridge' | 'siblings' | null {
  if (sameRelation(one.to, other.from)) return 'chain'
  const isOrdered = foreignKeyId(one) < foreignKeyId(other)
  if (!isOrdered) return null
  if (sameRelation(one.from, other.from)) return sharesColumn(one, other) ? null : 'bridge'
  return sameRelation(one.to, other.to) ? 'siblings' : null
}

function sharesColumn(one: ForeignKey, other: ForeignKey): boolean {
  return one.fromColumns.some((column) => other.fromColumns.includes(column))
}
