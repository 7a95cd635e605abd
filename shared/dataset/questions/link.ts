import { type ForeignKey, type Relation, sameRelation } from '../catalog/catalog.ts'
import { quoteIdentifier } from '../catalog/quote.ts'
import { inChinese, sideNamed } from './said-names.ts'
import { aliasOf, type Field, type Scene, sceneOf, type World } from './scene.ts'
import { AGENTS } from './vocabulary.ts'
import type { Voice } from './wording.ts'
import { listed, zh } from './wording.ts'
import { asIdentifier, plural, singular } from './words.ts'

/** A foreign key as a shape sees it: a child that refers to a parent, which plays a role. */
export interface Link extends Voice {
  readonly key: ForeignKey
  readonly child: Scene
  readonly parent: Scene
  /** `invoice.customer_id = customer.customer_id`. */
  readonly on: string
  /** How the parent is called here: `customer`, or `billing address` where there are several keys to it. */
  readonly role: string
  readonly roleMany: string
  /** Child columns of the key. */
  readonly via: readonly Field[]
  readonly isSelf: boolean
  /** No row of the sample joins: a question about it would find nothing. */
  readonly isEmpty: boolean
  /** Some parents seem to have no child. */
  readonly hasChildless: boolean
  /** At most one child for each parent. */
  readonly isOneToOne: boolean
}

const SUPERVISOR = /report|manager|supervisor|boss|leader|superior|上级|主管|领导/
const ENDS_IN_ID = / ?(编号|id|ID)$/
const RELATION_ROLE = /(^| )(fk|ref|reference)$/

export interface AliasRules {
  /** Aliases that other relations of the statement have already. */
  readonly taken?: readonly string[]
  /** The child is in the statement already, under this alias. */
  readonly child?: string
  /** The parent is in the statement already, under this alias. */
  readonly parent?: string
}

/** Joins the scenes of a key's two relations. */
export function linkOf(world: World, key: ForeignKey, voice: Voice, aliases: AliasRules = {}): Link | null {
  const taken = aliases.taken ?? []
  const from = world.catalog.relations.find((relation) => sameRelation(relation, key.from))
  const to = world.catalog.relations.find((relation) => sameRelation(relation, key.to))
  if (from === undefined || to === undefined) return null
  const isSelf = sameRelation(from, to)
  const rivals = world.catalog.foreignKeys.filter(
    (other) => sameRelation(other.from, from) && sameRelation(other.to, to),
  )
  const role =
    isSelf || rivals.length > 1 || saysRole(world, key, to) ? roleOf(world, key, from, to, voice.language) : null
  const childAlias = aliases.child ?? free(aliasOf(world, from), taken)
  const parentAlias =
    aliases.parent ??
    free((role === null ? null : asIdentifier(role.stem.split(' '))) ?? aliasOf(world, to), [...taken, childAlias])
  const child = sceneOf(world, from, voice, childAlias)
  const parent = sceneOf(world, to, voice, parentAlias)
  const parentLabel = world.labels.relation(to)
  const via = key.fromColumns.flatMap((name) => child.fields.filter(({ column }) => column.name === name))
  const distinct = Math.max(0, ...via.map(({ profile }) => profile.distinct))
  return {
    ...voice,
    key,
    child,
    parent,
    via,
    isSelf,
    on: key.fromColumns
      .map(
        (name, at) =>
          `${childAlias}.${quoteIdentifier(name)} = ${parentAlias}.${quoteIdentifier(key.toColumns[at] ?? '')}`,
      )
      .join(' AND '),
    role: role?.one ?? parentLabel.one,
    roleMany: role?.many ?? parentLabel.many,
    isEmpty: child.rows === 0 || parent.rows === 0 || via.some(({ profile }) => profile.distinct === 0),
    hasChildless: via.length === 1 && distinct < parent.rows && child.rows <= 50_000,
    isOneToOne: coversKey(from, key.fromColumns),
  }
}

interface RoleName {
  readonly one: string
  readonly many: string
  readonly stem: string
}

/** `original_language_id` -> original language; `reports_to` -> manager; `parent_id` -> parent category. */
function roleOf(world: World, key: ForeignKey, from: Relation, to: Relation, language: Voice['language']): RoleName {
  const column = key.fromColumns.at(-1) ?? ''
  const target = singular(world.labels.words(to.name).join(' '))
  const words = world.labels
    .words(column)
    .filter((word) => word !== 'id' && word !== 'uuid')
    .join(' ')
    .replace(RELATION_ROLE, '')
    .replace(/((?:er|or|ant)) staff$/, '$1') // one of the manager staff is a manager
  const agent = AGENTS[words]
  const sided = sideNamed(words, 'en')
  const isSupervisor =
    sameRelation(from, to) &&
    SUPERVISOR.test(`${column} ${from.columns.find(({ name }) => name === column)?.comment ?? ''}`)
  const comment = world.labels.column(from, column).one
  if (language === 'zh') {
    const label = world.labels.relation(to).one
    const called = comment.replace(ENDS_IN_ID, '')
    const own = agent?.zh ?? inChinese(sided.split(' '), from) ?? (/ by$/.test(words) ? '' : sideNamed(words, 'zh'))
    const taken = zh`${words.replaceAll(' ', '-')} 对应的${label}` // whoever took a sample, with no word for that
    const spoken =
      /\p{Script=Han}/u.test(called) && called !== label ? called : own === '' && words !== '' ? taken : own
    const one = isSupervisor
      ? '上级'
      : /^(上级|parent)$/.test(spoken)
        ? zh`上级${label}`
        : spoken === target
          ? label
          : spoken || label
    return { one, many: one, stem: isSupervisor ? 'manager' : (agent?.en ?? withNoun(sided, target)) }
  }
  const one = isSupervisor ? 'manager' : (agent?.en ?? withNoun(sided, target))
  return { one, many: plural(one), stem: one }
}

/** `support_rep_id` to employees says who they are here; `customer_id` and `ship_via` say no more than the relation. */
function saysRole(world: World, key: ForeignKey, to: Relation): boolean {
  const words = world.labels.words(key.fromColumns[0] ?? '')
  const noun = words.slice(0, -1).join(' ')
  const isNamed = key.fromColumns.length === 1 && words.length > 1 && words.at(-1) === 'id'
  const own = [singular(world.labels.words(to.name).join(' ')), world.labels.relation(to).one]
  const called = world.labels.column(key.from, key.fromColumns[0] ?? '').one.replace(ENDS_IN_ID, '')
  return (
    isNamed &&
    key.fromColumns[0] !== key.toColumns[0] &&
    called !== world.labels.relation(to).one &&
    !own.some((name) => ` ${name} `.includes(` ${noun} `) || (noun.length > 1 && initialsOf(name).endsWith(noun)))
  )
}

/** `wo` is a work order. */
function initialsOf(name: string): string {
  return name.replace(/(\S)\S*\s?/g, '$1')
}

function withNoun(words: string, noun: string): string {
  if (words === '') return `parent ${noun}`
  if (/ by$/.test(words)) return `${words.replaceAll(' ', '-')} ${noun}` // whoever took a sample is its taken-by person
  return /^(parent|original|previous|next|source|target|first|second|main|primary|secondary|from|to|home|away)$/.test(
    words,
  )
    ? `${words} ${noun}`
    : words
}

function free(alias: string, taken: readonly string[]): string {
  const plain = quoteIdentifier(alias) === alias ? alias : `${alias}_row`
  for (let candidate = plain, serial = 2; ; candidate = `${plain}_${serial++}`)
    if (!taken.includes(candidate)) return candidate
}

function coversKey(relation: Relation, columns: readonly string[]): boolean {
  const keys = [relation.primaryKey, ...relation.uniques].filter((key) => key !== null)
  return keys.some((key) => key.columns.every((column) => columns.includes(column)))
}

/**
 * The parent's title columns, with names that tell them from the others': `artist.name AS artist_name`.
 * @param others scenes of the statement besides the child
 */
export function parentColumns(link: Link, ...others: readonly Scene[]): string {
  const own = new Set([link.child, ...others].flatMap(({ fields }) => fields.map(({ column }) => column.name)))
  return link.parent.titles.map((field) => named(field, own, link.parent)).join(', ')
}

function named(field: Field, own: ReadonlySet<string>, scene: Scene): string {
  if (!own.has(field.column.name)) return field.ref
  const alias =
    field.stem.startsWith(`${scene.alias}_`) || field.stem.startsWith(`${scene.stem}_`)
      ? field.stem
      : `${scene.alias}_${field.stem}`
  return `${field.ref} AS ${quoteIdentifier(alias)}`
}

/** What the parent is called by: `artist name`, `customer first name and last name`. */
export function parentTitle(link: Link): string {
  const labels = link.parent.titles.map(({ label }) => label)
  const first = labels[0] ?? ''
  if (first.startsWith(link.role)) return listed(link.language, labels)
  return link.language === 'zh' ? zh`${link.role}的${listed('zh', labels)}` : `${link.role} ${listed('en', labels)}`
}

/** The parent's title alone, for where its role is said anyway: `first name and last name of each manager`. */
export function titleOnly(link: Link): string {
  return listed(
    link.language,
    link.parent.titles.map(({ label }) => label),
  )
}

/** The same for several parents: `names of customers that have …`. */
export function titlesOnly(link: Link): string {
  return listed(
    link.language,
    link.parent.titles.map(({ label, many }) => (link.language === 'zh' ? label : many)),
  )
}

/** Columns that make a parent's group one parent: its name where that is unique, else its key, and what that does not determine. */
export function parentGroup(link: Link): string {
  const [title] = link.parent.titles
  const isUnique =
    link.parent.titles.length === 1 && title?.profile.distinct === link.parent.rows && title.profile.nullShare === 0
  if (isUnique) return title.ref
  const primary = link.parent.relation.primaryKey?.columns
  const determines = primary?.every((name) => link.key.toColumns.includes(name)) ?? false
  const keys = link.key.toColumns.map((name) => `${link.parent.alias}.${quoteIdentifier(name)}`)
  return [...new Set([...keys, ...(determines ? [] : link.parent.titles.map(({ ref }) => ref))])].join(', ')
}
