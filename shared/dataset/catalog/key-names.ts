import { singular, splitWords } from '../questions/words.ts'
import { type Column, displayName, type ForeignKey, type Relation, sameRelation } from './catalog.ts'

/** A key that names suggest and data has still to prove. */
export interface KeyCandidate {
  readonly from: Relation
  readonly fromColumns: readonly string[]
  readonly to: Relation
  readonly toColumns: readonly string[]
  /** How well the names agree; of the candidates of one column that data proves, the best one wins. */
  readonly rank: number
  /** The catalog declares that the target's columns are unique together. */
  readonly isDeclaredUnique: boolean
}

// Words that say that a column identifies something, and no more.
const ID_WORDS = new Set(['id', 'uuid', 'guid', 'key', 'fk', 'pk', 'ref'])
// Numbers and codes identify too, but often something that has no table: house_number, zip_code.
const CODE_WORDS = new Set(['code', 'no', 'nr', 'num', 'number', 'abbr', 'sku'])
const GENERIC = new Set(['code', 'no', 'nr', 'num', 'number', 'name', 'title', 'type', 'status', 'date', 'value', 'n'])
const ID_ENDING = /^(\p{L}{3,})(id|uuid|guid)$/u
const ID_BEGINNING = /^(id|fk)(\p{L}{3,})$/u
const HAN_ENDING = /(编号|编码|代码|标识|号|id)$/iu
const PARENT = /^(parent|上级|父级|父)$/
const SUPERIOR =
  /^(reports? to|manager|mgr|supervisor|boss|superior|leader|主管|经理|上级)$|^(sales |support |account )?(rep|representative|agent|person)$|^(sales(man|person)|seller|approver)$/
const REPORTS = /^reports? to$/ // whoever they are: contacts report to contacts
const PEOPLE = /(^| )(employee|staff|staff member|personnel|worker|员工|职员|雇员)$/
// A bare word like these is a number of its own rather than a reference, even beside a table of that name.
const NOT_BARE = /^(order|rank|position|level|version|year|month|day|week|count|number|price|amount|quantity|size|age)$/
const TABLE_PREFIXES = new Set(['t', 'tb', 'tbl', 'dim', 'fact', 'fct'])
const NOUN_CHARACTERS_MIN = 3
const FAMILIES: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8', 'numeric'],
  ['text', 'varchar', 'bpchar', 'citext', 'name'],
]

/** Candidates for every column without a declared key: those whose name is that of another table or of its key. */
export function candidateKeys(relations: readonly Relation[], declared: readonly ForeignKey[]): KeyCandidate[] {
  const tables = relations.filter(({ kind }) => kind === 'table' || kind === 'partitioned')
  const targets = tables.map(targetOf)
  const byEnding = new Map<string, Target[]>()
  for (const target of targets) {
    for (const key of new Set(target.nouns.flatMap(({ words }) => [words.join(''), words.at(-1) ?? '']))) {
      byEnding.set(key, [...(byEnding.get(key) ?? []), target])
    }
  }
  const people = targets.filter(({ relation }) => PEOPLE.test(singular(splitWords(relation.name).join(' '))))
  return tables.flatMap((from) => {
    const isDeclared = (columns: readonly string[]) =>
      declared.some((key) => sameRelation(key.from, from) && columns.every((name) => key.fromColumns.includes(name)))
    const single = from.columns
      .filter((column) => !column.isArray && familyOf(column) !== null && !isDeclared([column.name]))
      .flatMap((column) => singleCandidates(from, column, { byEnding, people, targets }))
    return [...single, ...compositeCandidates(from, tables).filter(({ fromColumns }) => !isDeclared(fromColumns))]
  })
}

interface Noun {
  readonly words: readonly string[]
}

interface Target {
  readonly relation: Relation
  /** What its rows are called: with and without a prefix that says nothing (`tbl_customer`). */
  readonly nouns: readonly Noun[]
}

interface Known {
  /** Targets by their whole name and by its last word. */
  readonly byEnding: ReadonlyMap<string, readonly Target[]>
  readonly people: readonly Target[]
  readonly targets: readonly Target[]
}

function targetOf(relation: Relation): Target {
  const all = nounWords(splitWords(relation.name))
  const isPrefixed = all.length > 1 && TABLE_PREFIXES.has(all[0] ?? '')
  return { relation, nouns: isPrefixed ? [{ words: all.slice(1) }, { words: all }] : [{ words: all }] }
}

/** In the singular, whatever the language: only the end of the last word differs. */
function nounWords(words: readonly string[]): string[] {
  return words.map((word, at) => (at === words.length - 1 ? stemOf(word) : word))
}

/** `customers`, `kunden` and `kunde` have one stem; it need not be a word. */
function stemOf(word: string): string {
  const one = singular(word)
  return one.length > 4 && /[a-z](en|es|e|n)$/.test(one) ? one.replace(/(en|es|e|n)$/, '') : one
}

function singleCandidates(from: Relation, column: Column, known: Known): readonly KeyCandidate[] {
  const { stem, ending } = partsOf(column.name)
  if (stem.length === 0) return sharedKeyCandidates(from, column, ending, known)
  const noun = nounWords(stem)
  const last = noun.at(-1) ?? ''
  const found = new Map<Target, number>()
  const note = (target: Target, rank: number): void => {
    if (rank > (found.get(target) ?? 0)) found.set(target, rank)
  }
  for (const target of [...(known.byEnding.get(last) ?? []), ...(known.byEnding.get(noun.join('')) ?? [])]) {
    note(target, rankOf(noun, target, ending))
  }
  const spoken = stem.join(' ')
  const isPerson = known.people.some(({ relation }) => sameRelation(relation, from))
  if (![...found.values()].some((rank) => rank >= ENDS_WITH)) {
    const own = known.targets.find(({ relation }) => sameRelation(relation, from))
    if (own !== undefined && (PARENT.test(spoken) || (isPerson && SUPERIOR.test(spoken)))) note(own, ENDS_WITH)
    else if (own !== undefined && REPORTS.test(spoken)) note(own, ENDS_WITH)
    if (!isPerson && SUPERIOR.test(spoken) && known.people.length === 1 && known.people[0] !== undefined)
      note(known.people[0], BEGINS_WITHIN)
  }
  const named = [...found].filter(([, rank]) => rank > 0)
  if (named.length === 0) return sharedKeyCandidates(from, column, ending, known)
  return named.flatMap(([target, rank]) => {
    const key = keyColumnOf(target, column, noun, ending)
    if (key === null || (sameRelation(target.relation, from) && key.name === column.name)) {
      // A table's own key under its own name: nothing else may claim it.
      return key !== null && rank === EXACT ? [ownKey(from, column)] : []
    }
    const isNear = target.relation.schema === from.schema ? 0.5 : 0
    const isDeclaredUnique = isUnique(target.relation, [key.name])
    return [
      {
        from,
        fromColumns: [column.name],
        to: target.relation,
        toColumns: [key.name],
        rank: rank + isNear,
        isDeclaredUnique,
      },
    ]
  })
}

/** `lines.sku` and `products.sku`: the one table that declares a column of this name as its key. */
function sharedKeyCandidates(
  from: Relation,
  column: Column,
  ending: Ending,
  { targets }: Known,
): readonly KeyCandidate[] {
  const words = splitWords(column.name)
  if (words.every((word) => ID_WORDS.has(word) || GENERIC.has(word))) return []
  // Numbers that are no identifiers are contained in each other by chance.
  if (familyOf(column) === 'number' && ending !== 'id') return []
  const owners = targets.filter(({ relation }) => {
    const key = relation.primaryKey?.columns
    const own = key?.length === 1 ? relation.columns.find(({ name }) => name === key[0]) : undefined
    return own !== undefined && sameName(own, column) && familyOf(own) === familyOf(column)
  })
  const [owner] = owners
  if (owner === undefined || owners.length > 1 || sameRelation(owner.relation, from)) return []
  const key = owner.relation.primaryKey?.columns ?? []
  const columns = { fromColumns: [column.name], toColumns: key }
  return [{ from, to: owner.relation, ...columns, rank: BEGINS_WITHIN, isDeclaredUnique: true }]
}

function sameName(one: Column, other: Column): boolean {
  return one.name.toLowerCase() === other.name.toLowerCase()
}

const EXACT = 3 // customer_id and customers
const ENDS_WITH = 2 // billing_customer_id and customers
const BEGINS_WITHIN = 1 // category_id and product_categories

function ownKey(from: Relation, column: Column): KeyCandidate {
  const columns = [column.name]
  return { from, fromColumns: columns, to: from, toColumns: columns, rank: EXACT + 0.5, isDeclaredUnique: true }
}

function rankOf(noun: readonly string[], target: Target, ending: Ending): number {
  const whole = noun.join('')
  const ranks = target.nouns.map(({ words }) => {
    const name = words.join('')
    if (name === whole) return EXACT
    if (ending === 'none' || name.length < NOUN_CHARACTERS_MIN) return 0
    if (noun.length > words.length && endsWith(noun, words)) return ENDS_WITH
    return whole.length > NOUN_CHARACTERS_MIN && words.length > noun.length && endsWith(words, noun) ? BEGINS_WITHIN : 0
  })
  return Math.max(...ranks)
}

function endsWith(words: readonly string[], ending: readonly string[]): boolean {
  return ending.every((word, at) => words[words.length - ending.length + at] === word)
}

type Ending = 'id' | 'code' | 'none'

/** `billing_customer_id` -> billing customer, id; `CustomerId`, `customerid`, `id_customer`, `客户编号` likewise. */
function partsOf(name: string): { stem: readonly string[]; ending: Ending } {
  const words = splitWords(name)
  const [first = '', last = ''] = [words[0], words.at(-1)]
  if (ID_WORDS.has(last)) return { stem: words.slice(0, -1), ending: 'id' }
  if (CODE_WORDS.has(last)) return { stem: words.slice(0, -1), ending: 'code' }
  if (words.length > 1 && ID_WORDS.has(first)) return { stem: words.slice(1), ending: 'id' }
  const glued = ID_ENDING.exec(last)?.[1]
  if (glued !== undefined) return { stem: [...words.slice(0, -1), glued], ending: 'id' }
  const led = words.length === 1 ? ID_BEGINNING.exec(last)?.[2] : undefined
  if (led !== undefined) return { stem: [led], ending: 'id' }
  if (/\p{Script=Han}/u.test(last) && HAN_ENDING.test(last)) {
    const stem = last.replace(HAN_ENDING, '')
    return { stem: stem === '' ? [] : [...words.slice(0, -1), stem], ending: 'id' }
  }
  return { stem: NOT_BARE.test(words.join(' ')) ? [] : words, ending: 'none' }
}

/** The column that rows of the target are known by, if the other column's type can hold it. */
function keyColumnOf(target: Target, column: Column, noun: readonly string[], ending: Ending): Column | null {
  const { relation } = target
  const fits = (one: Column) => !one.isArray && familyOf(one) === familyOf(column)
  const declared = [relation.primaryKey, ...relation.uniques]
    .flatMap((key) => (key?.columns.length === 1 ? key.columns : []))
    .flatMap((name) => relation.columns.filter((one) => one.name === name && fits(one)))
  const alike = relation.columns.find((one) => one !== column && sameName(one, column) && fits(one))
  // Where keys are declared, a column that is none only repeats a name: brands.brand in products.brand.
  if (alike !== undefined && (relation.primaryKey === null ? declared.length === 0 : declared.includes(alike)))
    return alike
  // A code of small numbers may be anything: only a key of that very kind will do.
  const isLoose = ending === 'code' && familyOf(column) !== 'text'
  const called = relation.columns.find((one) => fits(one) && isOwnName(one, target, noun, column))
  if (isLoose) return called !== undefined && sameEnding(called, column) ? called : null
  return declared[0] ?? (relation.primaryKey === null ? (called ?? null) : null)
}

/** `id`, `customer_id`, `customerid`, or whatever the referring column ends with. */
function isOwnName(key: Column, target: Target, noun: readonly string[], column: Column): boolean {
  const { stem, ending } = partsOf(key.name)
  if (ending === 'none') return false
  if (!sameEnding(key, column) && stem.length === 0) return ending === 'id'
  const own = nounWords(stem).join('')
  return own === '' || own === noun.join('') || target.nouns.some(({ words }) => words.join('') === own)
}

function sameEnding(one: Column, other: Column): boolean {
  return splitWords(one.name).at(-1) === splitWords(other.name).at(-1)
}

/** Every column of another table's composite key, under the same names. */
function compositeCandidates(from: Relation, tables: readonly Relation[]): readonly KeyCandidate[] {
  return tables.flatMap((to) => {
    const key = to.primaryKey
    if (key === null || key.columns.length < 2 || sameRelation(from, to)) return []
    const fits = key.columns.every((name) => {
      const [one, other] = [from, to].map(({ columns }) => columns.find((column) => column.name === name))
      return one !== undefined && other !== undefined && one.baseType === other.baseType && !one.isArray
    })
    // Two tables with the same key: which of them refers to the other can't be told.
    const isMutual = from.primaryKey?.columns.toSorted().join() === key.columns.toSorted().join()
    if (!fits || isMutual) return []
    return [{ from, fromColumns: key.columns, to, toColumns: key.columns, rank: EXACT, isDeclaredUnique: true }]
  })
}

/** Types whose values can be equal; null where none is used for keys. */
function familyOf({ baseType }: Column): string | null {
  const family = FAMILIES.find((types) => types.includes(baseType))
  if (family !== undefined) return family === FAMILIES[1] ? 'text' : 'number'
  return baseType === 'uuid' ? 'uuid' : null
}

function isUnique(relation: Relation, columns: readonly string[]): boolean {
  return [relation.primaryKey, ...relation.uniques].some(
    (key) => key?.columns.every((column) => columns.includes(column)) ?? false,
  )
}

/** For messages and constraint names: `orders(customer_id)`. */
export function candidateName({ from, fromColumns }: KeyCandidate): string {
  return `${displayName(from)}(${fromColumns.join(', ')})`
}
