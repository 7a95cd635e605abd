import {
  type Catalog,
  type Column,
  displayName,
  type Relation,
  type RelationName,
  sameRelation,
} from '../catalog/catalog.ts'
import { chineseOf } from '../documents/glossary.ts'
import { inChinese, isModule, recordedIn, sideNamed, zhJoined } from './said-names.ts'
import { ABBREVIATIONS, ACRONYMS, AGENTS, type Language, UNITS } from './vocabulary.ts'
import { plural, singular, splitWords } from './words.ts'

export type { Language } from './vocabulary.ts'

/** How people call a thing: never an identifier. In Chinese `one` and `many` are the same. */
export interface Label {
  readonly one: string
  readonly many: string
}

export interface Labels {
  relation(name: RelationName): Label
  column(relation: RelationName, column: string): Label
  /** The name's words, abbreviations written out, shared prefixes dropped: what roles are judged by. */
  words(name: string): readonly string[]
}

const COMMENT_CHARACTERS_MAX = 12 // a longer Chinese comment is a sentence, no name
const COMMENT_WORDS_MAX = 4
const GENERIC_PREFIXES = new Set(['t', 'tb', 'tbl', 'v', 'vw', 'mv', 'dim', 'fact', 'fct'])
// `gmt_create` and `gmt_modified`, as Alibaba's conventions have them.
const STANDARD_MOMENTS: Readonly<Record<string, string>> = { create: 'created', modified: 'updated' }
const LONG_NAME_WORDS = 4 // nobody says more words for a thing
const LONG_NAME_SAID = 3
const ENDS_OPEN = / (by|to|from|via|until|of|for)$/
const LETTER = /\p{L}/u
const MOMENTS: Readonly<Record<string, string>> = { starts: 'start', ends: 'end', expires: 'expiry', begins: 'start' }
// A column that is called so is taken for a count of rows.
const COUNTS: Readonly<Record<Language, RegExp>> = { en: /^(number|count)$/, zh: /^(数量|个数|数目)$/ }
// The rows of such a relation have no name of their own.
const NEEDS_ENTRY = /\bby\b|(^| )(list|information|summary|report|view|overview|statistics|stats|log|history)$/
const NEEDS_RECORD = /(^| )(inventory|stock|data|media|equipment|news|metadata|information|staff)$/

/** Names for everything in the catalog, each distinct among its neighbours. */
export function labelsOf(catalog: Catalog, language: Language): Labels {
  const relations = distinctLabels(
    catalog.relations,
    displayName,
    (relation) => relationLabel(relation, language),
    (relation, label) => wholeName(relation, label, language),
  )
  const columns = new Map<string, ReadonlyMap<string, Label>>()
  const words = new Map<string, readonly string[]>()
  const fallback = { one: '', many: '' }
  return {
    relation: (name) => relations.get(displayName(name)) ?? fallback,
    column(name, column) {
      const key = displayName(name)
      const known = columns.get(key) ?? columnLabels(catalog, name, language)
      columns.set(key, known)
      return known.get(column) ?? fallback
    },
    words(name) {
      const known = words.get(name) ?? wordsOf(name)
      words.set(name, known)
      return known
    },
  }
}

function columnLabels(catalog: Catalog, name: RelationName, language: Language): ReadonlyMap<string, Label> {
  const relation = catalog.relations.find((candidate) => displayName(candidate) === displayName(name))
  return distinctLabels(
    relation?.columns ?? [],
    (column) => column.name,
    (column) => {
      const label = targetLabel(catalog, relation, column, language) ?? columnLabel(column, language, relation)
      return ofItself(column, notCounting(label, relation, language), relation, language)
    },
    (column, label) => widened(column, label, language),
  )
}

/** @param whole with what is left out where nothing else is called so */
function relationLabel(relation: Relation, language: Language, whole = false): Label {
  const comment = fromComment(relation.comment, language)
  if (comment !== null) return language === 'zh' ? chinese(recordedIn(comment, whole)) : english(singular(comment))
  const words = whole ? wordsOf(relation.name) : tableWords(relation)
  const noun = singular(words.join(' '))
  if (!LETTER.test(noun)) return language === 'zh' ? chinese(`${noun} 记录`) : english(`${noun} record`)
  if (language === 'zh') {
    const known = inChinese(noun.split(' '), relation)
    const isUncounted = NEEDS_RECORD.test(noun) && !/staff$/.test(noun)
    const isEntry = (relation.kind.includes('view') && NEEDS_ENTRY.test(noun)) || (known !== null && isUncounted)
    return chinese(zhJoined(known ?? shown(noun), isEntry ? '记录' : ''))
  }
  if (/(^| )staff$/.test(noun)) return english(`${noun} member`)
  if (NEEDS_RECORD.test(noun)) return english(`${noun} record`)
  return english(NEEDS_ENTRY.test(noun) ? `${noun} entry` : noun)
}

/** `ship_via` to shippers -> shipper ID, `reports_to` to its own table -> manager ID: a preposition ends no noun. */
function targetLabel(
  catalog: Catalog,
  relation: Relation | undefined,
  column: Column,
  language: Language,
): Label | null {
  const words = wordsOf(column.name)
  const own = fromComment(column.comment, language)
  if (relation === undefined || own !== null || !ENDS_OPEN.test(words.join(' ')) || AGENTS[words.join(' ')]) return null
  const key = catalog.foreignKeys.find(
    ({ from, fromColumns }) =>
      sameRelation(from, relation) && fromColumns.length === 1 && fromColumns[0] === column.name,
  )
  const target = catalog.relations.find((one) => key !== undefined && sameRelation(one, key.to))
  if (target === undefined) return null
  const isOwn = sameRelation(target, relation)
  if (language === 'en') return english(`${isOwn ? 'manager' : relationLabel(target, language).one} id`)
  return chinese(zhJoined(isOwn ? '上级' : relationLabel(target, language).one, '编号'))
}

/** Of two columns that would be called the same, one that holds numbers is called a code. */
function widened(column: Column, label: Label, language: Language): Label {
  if (language === 'zh') {
    const words = wordsOf(column.name).join(' ')
    return chinese(
      column.category === 'N' && !/编号$/.test(label.one) ? zhJoined(label.one.replace(/^是否/, ''), '代码') : words,
    )
  }
  return column.category === 'N' && !/ID$/.test(label.one) ? english(`${label.one} code`) : label
}

/** `number` of an account -> account number; `数量` -> 件数. */
function notCounting(label: Label, relation: Relation | undefined, language: Language): Label {
  if (relation === undefined || !COUNTS[language].test(label.one)) return label
  if (language === 'zh') return chinese(label.one === '数量' ? '件数' : `${label.one}值`)
  const noun = relationLabel(relation, language).one
  return english(`${noun} ${label.one}`)
}

/** `country` of a country -> country name; an address of an address is where one would send a letter to. */
function ofItself(column: Column, label: Label, relation: Relation | undefined, language: Language): Label {
  const isName = column.category === 'S' && !column.isArray && !/code|number|编号/.test(label.one)
  if (!isName || relation === undefined || relationLabel(relation, language).one !== label.one) return label
  if (/address$/.test(label.one)) return english(`street ${label.one}`)
  if (/地址$/.test(label.one)) return chinese(`详细${label.one}`)
  if (language === 'en') return english(`${label.one} name`)
  return chinese(zhJoined(label.one, '名称'))
}

function columnLabel(column: Column, language: Language, relation: Relation | undefined): Label {
  const comment = fromComment(column.comment, language)
  if (comment !== null)
    return language === 'zh' ? chinese(/^(主键|自增|唯一标识)/.test(comment) ? '编号' : comment) : english(comment)
  const words = momentWords(column, withoutOwner(wordsOf(column.name), relation))
  if (!words.some((word) => LETTER.test(word))) return nameless(words.join(' '), language)
  const isId = words.length > 0 && words.at(-1) === 'id'
  const agent = AGENTS[words.join(' ')]?.[language]
  if (agent !== undefined) return language === 'zh' ? chinese(agent) : english(agent)
  const unit = column.category === 'N' && words.length > 1 ? UNITS[words.at(-1) ?? '']?.[language] : undefined
  if (unit !== undefined) return measuredIn(words.slice(0, -1).join(' '), unit, language)
  if (!isId) {
    if (language === 'en') return english(nounOf(column, words))
    return chinese(inChinese(words, relation) ?? shown(words.join(' ')))
  }
  const whose = sideNamed(words.slice(0, -1).join(' '), 'en')
  const noun =
    AGENTS[whose]?.[language] ?? (language === 'zh' ? inChinese(whose.split(' '), relation) : null) ?? shown(whose)
  if (language === 'zh') return chinese(zhJoined(noun, '编号'))
  return { one: noun === '' ? 'ID' : `${noun} ID`, many: noun === '' ? 'IDs' : `${noun} IDs` }
}

/** `weight kg` -> weight in kg: what is plural is the noun. */
function measuredIn(noun: string, unit: string, language: Language): Label {
  if (language === 'zh') return chinese(`${chineseOf(noun.split(' ')) ?? shown(noun)}（${unit}）`)
  return { one: `${shown(noun)} in ${unit}`, many: `${shown(plural(noun))} in ${unit}` }
}

/** A comment's first short phrase in that language; null when it has none fit for a name. */
function fromComment(comment: string | null, language: Language): string | null {
  const phrase = comment?.split(/[,，。.;；:：、()（）[\]【】\n|/]/)[0]?.trim() ?? ''
  if (phrase === '' || /["'`_]/.test(phrase)) return null
  const isChinese = /\p{Script=Han}/u.test(phrase)
  if (language === 'zh') return isChinese && phrase.length <= COMMENT_CHARACTERS_MAX ? phrase : null
  const words = phrase.split(/\s+/)
  if (isChinese || words.length > COMMENT_WORDS_MAX || /^(the|a|an|this|if|when|whether)$/i.test(words[0] ?? ''))
    return null
  return words.map((word) => (/^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word)).join(' ')
}

function wordsOf(name: string): readonly string[] {
  const all = splitWords(name)
  const rest = all.length > 1 && GENERIC_PREFIXES.has(all[0] ?? '') ? all.slice(1) : all
  const moment = rest[0] === 'gmt' ? STANDARD_MOMENTS[rest[1] ?? ''] : undefined
  if (moment !== undefined && rest.length === 2) return [moment, 'at']
  const last = rest.at(-1) ?? ''
  const said = rest.map((word, at) => {
    if (word === 'no' && word === last && rest.length > 1) return 'number'
    // `zip code` has its noun already
    return word === 'zip' && rest[at + 1] === 'code' ? word : (ABBREVIATIONS[word] ?? word)
  })
  // `po_order` says order once
  return said
    .join(' ')
    .split(' ')
    .filter((word, at, all) => word !== all[at - 1])
}

/** A table's words as people say them: without its module (`bss_`), and of a long name the end, which is the noun. */
function tableWords({ name }: Relation): readonly string[] {
  const words = wordsOf(name)
  const said = words.length > 1 && isModule(words[0] ?? '') ? words.slice(1) : words
  return said.length > LONG_NAME_WORDS ? said.slice(-LONG_NAME_SAID) : said
}

/** The words of a column without those of its table that it begins with: its own ID, and a long name's repetition. */
function withoutOwner(words: readonly string[], relation: Relation | undefined): readonly string[] {
  if (relation === undefined) return words
  const owner = singular(wordsOf(relation.name).join(' ')).split(' ')
  const repeated = owner.findIndex((_, at) => owner.slice(at).join(' ') === words.slice(0, owner.length - at).join(' '))
  const said = repeated === -1 ? words : words.slice(owner.length - repeated)
  const isLong = words.length > LONG_NAME_WORDS && said.length > 1 && said.length < words.length - 1
  return said.join(' ') === 'id' || isLong ? said : words
}

function distinctLabels<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  labelOf: (item: T) => Label,
  widen: (item: T, label: Label) => Label,
): ReadonlyMap<string, Label> {
  const labels = items.map((item) => ({ item, label: labelOf(item) }))
  const times = new Map<string, number>()
  for (const { label } of labels) times.set(label.one, (times.get(label.one) ?? 0) + 1)
  const clashing = labels.filter(({ label }) => (times.get(label.one) ?? 0) > 1)
  for (const entry of clashing) entry.label = widen(entry.item, entry.label)
  const used = new Map<string, number>()
  return new Map(
    labels.map(({ item, label }) => {
      const nth = (used.get(label.one) ?? 0) + 1
      used.set(label.one, nth)
      return [keyOf(item), nth === 1 ? label : { one: `${label.one} ${nth}`, many: `${label.many} ${nth}` }]
    }),
  )
}

/** Of two tables that would be called the same: all that the name says, then the schema too. */
function wholeName(relation: Relation, label: Label, language: Language): Label {
  const whole = relationLabel(relation, language, true)
  return whole.one === label.one ? withPrefix(splitWords(relation.schema).join(' '), label) : whole
}

function withPrefix(prefix: string, label: Label): Label {
  return prefix === '' || prefix === 'public'
    ? label
    : { one: `${prefix} ${label.one}`, many: `${prefix} ${label.many}` }
}

/** `joined_on` -> joined date, `created_at` -> created time. */
function momentWords(column: Column, all: readonly string[]): readonly string[] {
  const words = / (at|on) timestamp$/.test(all.join(' ')) ? all.slice(0, -1) : all
  const isMoment = column.category === 'D' && words.length > 1 && /^(on|at)$/.test(words.at(-1) ?? '')
  if (!isMoment) return words
  const said = words.slice(0, -1).map((word) => MOMENTS[word] ?? word)
  return [...said, column.baseType === 'date' ? 'date' : 'time']
}

/** `ship via` -> ship via value, `valid from` -> valid from date; a phone is asked for by its number. */
function nounOf(column: Column, words: readonly string[]): string {
  if (column.category === 'S' && /^(phone|telephone|mobile|fax)$/.test(words.at(-1) ?? ''))
    return [...words, 'number'].join(' ')
  const isOpen = ENDS_OPEN.test(words.join(' '))
  const noun = column.category !== 'D' ? 'value' : column.baseType === 'date' ? 'date' : 'time'
  return [...words, ...(isOpen ? [noun] : [])].join(' ')
}

/** A column that is called by a number. */
function nameless(number: string, language: Language): Label {
  if (language === 'zh') return chinese(number === '' ? '数值' : `${number} 列数值`)
  return { one: `value ${number}`.trimEnd(), many: `values ${number}`.trimEnd() }
}

function chinese(text: string): Label {
  return { one: text, many: text }
}

function english(text: string): Label {
  const isAcronym = ACRONYMS.has(text.split(' ').at(-1) ?? '')
  return { one: shown(text), many: isAcronym ? `${shown(text)}s` : shown(plural(text)) }
}

/** Acronyms in capitals: `us states` -> `US states`. */
function shown(text: string): string {
  return text
    .split(' ')
    .map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word))
    .join(' ')
}
