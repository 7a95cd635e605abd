import {
  type Catalog,
  type Constraint,
  displayName,
  type ForeignKey,
  type Partition,
  type Relation,
  sameRelation,
} from '../catalog/catalog.ts'
import type { TableProfile } from '../catalog/profile.ts'
import { columnMeaning, countsText, grouped, valuesText } from './column-meaning.ts'
import type { Meanings } from './describe.ts'
import { singular, spoken } from './glossary.ts'
import { PHRASES } from './phrases.ts'

type Phrases = (typeof PHRASES)['zh' | 'en']

const PARTITIONS_LISTED_MAX = 50 // a table may have thousands; the DDL has them all

/**
 * One relation in Markdown, for people and for retrieval. Comments appear word for word.
 * @param options.meanings written by a language model; whatever it left out is derived from names and statistics
 */
export function renderDocument(
  catalog: Catalog,
  relation: Relation,
  profile: TableProfile,
  options: { language: 'zh' | 'en'; meanings?: Meanings },
): string {
  const { language, meanings } = options
  const say = PHRASES[language]
  const sections = [
    `# ${say.title(displayName(relation), say.kind[relation.kind])}`,
    section(say.purpose, purposeLines(catalog, relation, language, meanings?.purpose)),
    section(say.rows, [rowsText(relation, profile, say)]),
    section(say.columns, columnTable(catalog, relation, profile, options)),
    section(say.comments, longComments(relation)),
    section(say.keys, keyLines(relation, say)),
    section(say.relations, relationLines(catalog, relation, say)),
    section(
      say.checks,
      relation.checks.map((check) => `- \`${check.name}\`: \`${check.definition}\``),
    ),
    section(say.partitions, partitionLines(relation, say)),
    relation.definition === null ? '' : section(say.query, ['```sql', relation.definition, '```']),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `## ${heading}\n\n${lines.join('\n')}`
}

function purposeLines(
  catalog: Catalog,
  relation: Relation,
  language: 'zh' | 'en',
  purpose: string | undefined,
): string[] {
  const said = [relation.comment ?? '', purpose ?? ''].filter((text) => text.trim() !== '')
  const derived = said.length > 0 ? [] : [derivedPurpose(catalog, relation, language)]
  return [...said, ...derived, grain(catalog, relation, language)].flatMap((text, i) => (i === 0 ? [text] : ['', text]))
}

function derivedPurpose(catalog: Catalog, relation: Relation, language: 'zh' | 'en'): string {
  const say = PHRASES[language]
  const sides = sidesOf(catalog, relation)
  if (sides !== null) return say.joins(codes(sides, say))
  const name = spaced(spoken(relation.name, language), language)
  if (relation.dependsOn.length > 0) return say.presents(name, codes(relation.dependsOn.map(displayName), say))
  return say.stores(name)
}

function grain(catalog: Catalog, relation: Relation, language: 'zh' | 'en'): string {
  const say = PHRASES[language]
  const name = spaced(singular(spoken(relation.name, language), language), language)
  const key = relation.primaryKey?.columns ?? relation.uniques[0]?.columns
  if (key === undefined) return say.grainLoose(name)
  const sides = sidesOf(catalog, relation)
  return sides === null ? say.grain(name, codes(key, say)) : say.grainPair(codes(sides, say), codes(key, say))
}

/** The relations that a junction table joins: each column of its key belongs to a foreign key, and there are two or more. */
function sidesOf(catalog: Catalog, relation: Relation): string[] | null {
  const key = relation.primaryKey?.columns ?? []
  const keys = catalog.foreignKeys.filter(
    (one) => sameRelation(one.from, relation) && one.fromColumns.every((column) => key.includes(column)),
  )
  const covered = new Set(keys.flatMap((one) => one.fromColumns))
  return keys.length >= 2 && key.every((column) => covered.has(column)) ? keys.map((one) => displayName(one.to)) : null
}

function rowsText(relation: Relation, profile: TableProfile, say: Phrases): string {
  if (!relation.populated) return say.unpopulated
  if (profile.unread !== undefined) return say.unread(profile.unread)
  return profile.rowsExact ? say.rowsExact(grouped(profile.rows)) : say.rowsAbout(grouped(profile.rows))
}

function columnTable(
  catalog: Catalog,
  relation: Relation,
  profile: TableProfile,
  { language, meanings }: { language: 'zh' | 'en'; meanings?: Meanings },
): string[] {
  const head = PHRASES[language].columnHead
  const rows = relation.columns.map((column) => {
    const found = profile.columns[column.name]
    const written = meanings?.columns[column.name]?.trim()
    // A person's comment stays word for word; a model may add to it, never replace it.
    const meaning = column.comment !== null && written ? `${column.comment} — ${written}` : written
    return [
      `\`${column.name}\``,
      column.type,
      meaning || columnMeaning(catalog, relation, column, language),
      ...countsText(found, profile, language),
      valuesText(column, found, language),
    ]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`)
}

/** Comments that a table's cell can't hold as they are: with a line break or a bar. */
function longComments(relation: Relation): string[] {
  return relation.columns.flatMap(({ name, comment }) =>
    comment === null || cell(comment) === comment ? [] : [`- \`${name}\`: ${comment}`],
  )
}

function keyLines(relation: Relation, say: Phrases): string[] {
  const { primaryKey, uniques, exclusions } = relation
  if (relation.kind === 'view' || relation.kind === 'materialized_view') return []
  const lines = [
    ...(primaryKey === null ? [] : [say.primaryKey(codes(primaryKey.columns, say))]),
    ...uniques.map((unique: Constraint) => say.unique(codes(unique.columns, say))),
    ...exclusions.map((exclusion) => say.exclusion(exclusion.definition)),
  ]
  return lines.length === 0 ? [say.noKey] : lines.map((line) => `- ${line}`)
}

function relationLines(catalog: Catalog, relation: Relation, say: Phrases): string[] {
  const outgoing = catalog.foreignKeys.filter((key) => sameRelation(key.from, relation))
  const incoming = catalog.foreignKeys.filter(
    (key) => sameRelation(key.to, relation) && !sameRelation(key.from, relation),
  )
  const lines = [
    ...outgoing.map((key) => {
      const [from, to] = [codes(key.fromColumns, say), codes(key.toColumns, say)]
      if (sameRelation(key.to, relation)) {
        return say.self(from, to, `\`${displayName(relation)}\``) + notesText(key, say)
      }
      const phrase = isUnique(catalog, key) ? say.outgoingOne : say.outgoing
      return phrase(from, to, `\`${displayName(key.to)}\``) + notesText(key, say)
    }),
    ...incoming.map((key) => {
      const phrase = isUnique(catalog, key) ? say.incomingOne : say.incoming
      const source = `\`${displayName(key.from)}\``
      return phrase(source, codes(key.fromColumns, say), codes(key.toColumns, say)) + notesText(key, say)
    }),
  ]
  if (lines.length === 0) return relation.definition === null ? [say.noRelations] : []
  return lines.map((line) => `- ${line}`)
}

function notesText(key: ForeignKey, say: Phrases): string {
  if (key.inferred === true) return say.inferred
  return key.onPartitions === undefined ? '' : say.onPartitions(key.onPartitions.length)
}

/** Whether a key's own columns are unique, so that it relates at most one row to each target. */
function isUnique(catalog: Catalog, key: ForeignKey): boolean {
  const relation = catalog.relations.find((one) => sameRelation(one, key.from))
  return [relation?.primaryKey, ...(relation?.uniques ?? [])].some(
    (unique) => unique?.columns.every((column) => key.fromColumns.includes(column)) ?? false,
  )
}

function partitionLines(relation: Relation, say: Phrases): string[] {
  if (relation.partitionKey === null) return []
  const all = listPartitions(relation.partitions, '')
  const more = all.length > PARTITIONS_LISTED_MAX ? ['- …'] : []
  return [say.partitionedBy(relation.partitionKey, all.length), '', ...all.slice(0, PARTITIONS_LISTED_MAX), ...more]
}

function listPartitions(partitions: readonly Partition[], indent: string): string[] {
  return partitions.flatMap((one) => [
    `${indent}- \`${displayName(one)}\`: ${one.bound}`,
    ...listPartitions(one.partitions, `${indent}  `),
  ])
}

function codes(names: readonly string[], say: Phrases): string {
  return names.map((name) => `\`${name}\``).join(say.separator)
}

/** Chinese and Latin text stand apart: `存储 film list 数据`. */
function spaced(name: string, language: 'zh' | 'en'): string {
  return language === 'zh' && /^[\p{Script=Latin}\p{N} ]+$/u.test(name) ? ` ${name} ` : name
}

/** One cell of a Markdown table: the bar ends a cell and a line break the row, so both are escaped. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\r\n|\r|\n/g, '<br>')
}
