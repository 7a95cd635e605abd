import { seedOf } from '../../platform/random.ts'
import { type Catalog, type Column, displayName, type Relation } from '../catalog/catalog.ts'
import type { ColumnProfile, TableProfile } from '../catalog/profile.ts'
import { quoteIdentifier, quoteRelation } from '../catalog/quote.ts'
import type { Labels } from './labels.ts'
import { columnRole, type Role } from './roles.ts'
import { type Voice, zh } from './wording.ts'
import { asIdentifier, plural, singular } from './words.ts'

/** A question with the SQL that answers it, before it is classified. */
export interface Draft {
  readonly sql: string
  readonly question: string
}

/** A column as a shape sees it. */
export interface Field {
  readonly column: Column
  readonly role: Role
  readonly profile: ColumnProfile
  /** How SQL refers to it here: `name`, or `customer.name` in a join. */
  readonly ref: string
  readonly label: string
  readonly many: string
  /** Plain ASCII words for names of results: `unit_price`. */
  readonly stem: string
}

/** A relation as a shape sees it: names for SQL and for people, and its columns with their roles. */
export interface Scene extends Voice {
  readonly relation: Relation
  readonly rows: number
  /** For FROM: `customer`, or `sales.customer AS customer`. */
  readonly from: string
  readonly alias: string
  readonly one: string
  readonly many: string
  readonly stem: string
  readonly fields: readonly Field[]
  /** What people call a row by: one or two columns; empty when nothing serves. */
  readonly titles: readonly Field[]
}

export interface World {
  readonly catalog: Catalog
  readonly profiles: ReadonlyMap<string, TableProfile>
  readonly labels: Labels
}

const EMPTY_PROFILE: ColumnProfile = {
  nullShare: 1,
  distinct: 0,
  min: null,
  max: null,
  values: [],
  valuesComplete: false,
  averageLength: 0,
}

/**
 * Sets the scene for a relation.
 * @param alias given in joins: columns are then written `alias.column`
 */
export function sceneOf(world: World, relation: Relation, voice: Voice, alias?: string): Scene {
  const known = settings.get(world) ?? new Map<string, Setting>()
  settings.set(world, known)
  const key = `${displayName(relation)} ${voice.language} ${alias ?? ''}`
  const setting = known.get(key) ?? settingOf(world, relation, voice.language, alias)
  known.set(key, setting)
  return { ...voice, ...setting }
}

type Setting = Omit<Scene, keyof Voice>

// Every shape draws from the same relations: what a scene holds besides its voice is found out once.
const settings = new WeakMap<World, Map<string, Setting>>()

function settingOf(world: World, relation: Relation, language: Voice['language'], alias: string | undefined): Setting {
  const { catalog, labels } = world
  const profile = world.profiles.get(displayName(relation))
  const label = labels.relation(relation)
  const name = quoteRelation(relation)
  const fields = relation.columns.map((column): Field => {
    const columnProfile = profile?.columns[column.name] ?? EMPTY_PROFILE
    const words = labels.words(column.name)
    const role = columnRole(catalog, relation, column, columnProfile, words)
    const quoted = quoteIdentifier(column.name)
    const said = labels.column(relation, column.name)
    const text = role === 'flag' ? flagLabel(said.one, language) : said.one
    return {
      column,
      role,
      profile: columnProfile,
      ref: alias === undefined ? quoted : `${alias}.${quoted}`,
      label: text,
      many: role === 'flag' && language === 'en' ? plural(text) : said.many,
      stem: asIdentifier(words) ?? 'value',
    }
  })
  return {
    relation,
    rows: profile?.rows ?? 0,
    from: alias === undefined || alias === name ? name : `${name} AS ${alias}`,
    alias: alias ?? '',
    one: label.one,
    many: label.many,
    stem: stemOf(world, relation),
    fields,
    titles: titlesOf(relation, fields, profile?.rows ?? 0, nounOf(world, relation, label.one)),
  }
}

/** What one of its rows is, in the words of names. */
function nounOf({ labels }: World, relation: Relation, label: string): string {
  return (
    asIdentifier(labels.words(label)) ?? asIdentifier(singular(labels.words(relation.name).join(' ')).split(' ')) ?? ''
  )
}

function stemOf(world: World, relation: Relation): string {
  // A name of its own, whatever other relations there are.
  return asIdentifier(world.labels.words(relation.name)) ?? `relation_${seedOf(displayName(relation)).toString(36)}`
}

/** A readable alias: the relation's own words, never a key word. */
export function aliasOf(world: World, relation: Relation): string {
  const words = stemOf(world, relation)
  return quoteIdentifier(words) === words ? words : `${words}_row`
}

/** `is_active` -> active status: a yes-or-no column is no thing that one has. */
function flagLabel(label: string, language: Voice['language']): string {
  if (/ code$|代码$/.test(label)) return label
  const text = label.replace(/^(is|was|has|can) |^是否/, '').replace(/ (flag|bool|boolean|yn|status)$|标志$/, '')
  return language === 'zh' ? zh`${text}标记` : `${text} status`
}

/** First and last name together, else the best name-like column, else the key where there is one, else a code. */
function titlesOf(relation: Relation, fields: readonly Field[], rows: number, noun: string): readonly Field[] {
  const present = fields.filter(({ profile }) => profile.nullShare < 0.5)
  const names = present.filter(
    ({ role, stem }) => role === 'name' || (stem === noun && (role === 'contact' || role === 'category')),
  )
  const first = names.find(({ stem }) => /^(first|given)_name$/.test(stem))
  const last = names.find(({ stem }) => /^(last|family)_name$|^surname$/.test(stem))
  if (first !== undefined && last !== undefined) return [first, last]
  const best = [...names].sort((one, other) => titleRank(other, noun) - titleRank(one, noun))[0]
  const keys = relation.primaryKey?.columns
  const key = present.find(({ column }) => keys?.length === 1 && keys[0] === column.name)
  // The name of something else repeats: an order is not called by the name of whom it was shipped to.
  const isOwn = best !== undefined && (best.profile.distinct > Math.min(rows, DISTINCT_SAMPLE) / 2 || key === undefined)
  const fallback =
    key ??
    best ??
    present.find(({ role }) => role === 'code') ??
    present.find(({ role }) => role === 'key') ??
    present.find(({ role, profile }) => role === 'category' && profile.distinct >= 2)
  const title = isOwn ? best : fallback
  return title === undefined ? [] : [title]
}

const DISTINCT_SAMPLE = 5000 // beyond, names may well repeat

function titleRank({ stem, profile, label }: Field, noun: string): number {
  const named = /(^|_)(name|title)$/.test(stem) || /名称|姓名|标题/.test(label) ? 2 : 0
  const unlikely = /contact|file|photo|path|short|user/.test(stem) ? -2 : 0
  return named + unlikely + (stem === noun ? 3 : 0) + Math.min(1, profile.distinct / 1000)
}
