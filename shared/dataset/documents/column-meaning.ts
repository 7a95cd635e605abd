import { type Catalog, type Column, displayName, type Relation, sameRelation } from '../catalog/catalog.ts'
import type { ColumnProfile, TableProfile } from '../catalog/profile.ts'
import { singular, spoken } from './glossary.ts'
import { PHRASES } from './phrases.ts'

const VALUES_LISTED_MAX = 12 // more would hide the rest of the table's row
const LABELS_LISTED_MAX = 30
const EXAMPLES = 3
const VALUE_LENGTH_MAX = 60

/** What a column means, from its comment if it has one (word for word), else from keys, name and type. */
export function columnMeaning(catalog: Catalog, relation: Relation, column: Column, language: 'zh' | 'en'): string {
  if (column.comment !== null && column.comment.trim() !== '') return column.comment
  const say = PHRASES[language]
  const name = spoken(column.name, language)
  const key = catalog.foreignKeys.find(
    (one) => sameRelation(one.from, relation) && one.fromColumns.includes(column.name),
  )
  if (key !== undefined) {
    const target = `${displayName(key.to)}.${key.toColumns[key.fromColumns.indexOf(column.name)] ?? ''}`
    const part = relation.primaryKey?.columns.includes(column.name) ? say.keyPart : name
    const said = say.reference(relation.primaryKey?.columns.length === 1 ? name : part, target)
    return key.inferred === true ? said + say.inferred : said
  }
  if (relation.primaryKey?.columns.includes(column.name)) {
    return relation.primaryKey.columns.length === 1
      ? say.key(singular(spoken(relation.name, language), language))
      : say.ofKind(name, say.keyPart)
  }
  if (column.generated !== null) return say.ofKind(name, say.generatedFrom(column.generated))
  const kind = kindOf(column, say.kinds)
  return kind === null ? name : say.ofKind(name, kind)
}

/** What a column holds: every value of a short list, a range, or a few examples. */
export function valuesText(column: Column, found: ColumnProfile | undefined, language: 'zh' | 'en'): string {
  const say = PHRASES[language]
  const listed = (values: readonly string[]) => values.map(clip).join(say.separator)
  const labels = column.isArray ? null : column.enumLabels
  if (labels !== null)
    return listed(labels.slice(0, LABELS_LISTED_MAX)) + (labels.length > LABELS_LISTED_MAX ? '…' : '')
  if (found === undefined) return ''
  if (found.nullShare === 1) return say.allNull
  const values = found.values.map(({ value }) => (value.trim() === '' ? say.emptyText : value))
  const repeats = found.values.some(({ count }) => count > 1)
  const isList = found.valuesComplete && repeats && values.length <= VALUES_LISTED_MAX
  if (isList && (found.min === null || values.length <= EXAMPLES)) return listed(values)
  if (found.min !== null && found.max !== null) {
    return found.min === found.max ? found.min : say.range(found.min, found.max)
  }
  if (values.length > 0) return say.examples(listed(values.slice(0, EXAMPLES)))
  if (found.averageLength > 0) return say.text(Math.round(found.averageLength))
  return found.distinct === 0 ? '' : say.unlisted(kindOf(column, say.kinds) ?? column.type)
}

/** Null share and distinct count for the table of columns; a dash where nothing was read. */
export function countsText(found: ColumnProfile | undefined, profile: TableProfile, language: 'zh' | 'en'): string[] {
  if (found === undefined) return ['–', '–']
  const percent = found.nullShare * 100
  const share = percent > 0 && percent < 0.1 ? '<0.1%' : `${Number(percent.toFixed(1))}%`
  const distinct = grouped(found.distinct)
  return [share, profile.rowsExact || found.valuesComplete ? distinct : PHRASES[language].atLeast(distinct)]
}

/** `1234567` as people write it: `1,234,567`. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

function clip(value: string): string {
  const characters = [...value]
  return characters.length <= VALUE_LENGTH_MAX ? value : `${characters.slice(0, VALUE_LENGTH_MAX).join('')}…`
}

function kindOf(column: Column, kinds: (typeof PHRASES)['zh' | 'en']['kinds']): string | null {
  if (column.isArray) return kinds.array
  if (column.baseType === 'json' || column.baseType === 'jsonb') return kinds.json
  if (column.baseType === 'bytea') return kinds.binary
  if (column.baseType === 'tsvector') return kinds.search
  if (column.category === 'B') return kinds.B
  if (column.category === 'E') return kinds.E
  return null
}
