import { quoteIdentifier, quoteLiteral, quoteRelation } from './quote.ts'
import { type SequenceRow, sequenceOptions } from './sequence-options.ts'

// What the statements of prerequisite-store.ts answer, and the DDL that recreates it. All of it may be run twice.

interface ObjectRow {
  readonly key: string
  readonly schema: string
  readonly name: string
}

export interface TypeRow extends ObjectRow {
  readonly kind: 'e' | 'd' | 'c' | 'r'
  readonly comment: string | null
  readonly labels: readonly string[] | null
  readonly base: string
  readonly not_null: boolean
  readonly default_text: string | null
  readonly collation: string | null
  readonly checks: readonly { readonly name: string; readonly definition: string }[]
  readonly attributes: readonly AttributeRow[] | null
  readonly range: {
    readonly subtype: string
    readonly difference: string | null
    readonly collation: string | null
    readonly multirange: string | null
  } | null
}

interface AttributeRow {
  readonly name: string
  readonly type: string
  readonly collation: string | null
  readonly comment: string | null
}

export interface CollationRow extends ObjectRow {
  /** `c` of the C library, `i` ICU, `b` the server's own. */
  readonly provider: string
  readonly collate: string | null
  readonly ctype: string | null
  readonly locale: string | null
  readonly rules: string | null
  readonly deterministic: boolean
  readonly comment: string | null
}

export interface RoutineRow extends ObjectRow {
  readonly definition: string | null
  readonly arguments: string
  readonly transition: string | null
  readonly state: string | null
  readonly final: string | null
  readonly combine: string | null
  readonly initial: string | null
  readonly parallel: 's' | 'r' | 'u'
  readonly aggregate_kind: 'n' | 'o' | 'h' | null
  readonly final_extra: boolean | null
  readonly kind: 'function' | 'aggregate'
  readonly comment: string | null
}

export interface SequenceObjectRow extends ObjectRow {
  readonly owner: string | null
  readonly owner_column: string | null
  readonly comment: string | null
  readonly sequence: SequenceRow
}

export function typeDdl(row: TypeRow): string {
  const name = quoteRelation(row)
  const create = { e: enumBody, d: domainBody, c: compositeBody, r: rangeBody }[row.kind](row, name)
  const kind = row.kind === 'd' ? 'domain' : 'type'
  const attributes = (row.attributes ?? []).map((one) =>
    commentDdl('column', `${name}.${quoteIdentifier(one.name)}`, one.comment),
  )
  return `${schemaDdl(row)}${unlessItExists(create)}${commentDdl(kind, name, row.comment)}${attributes.join('')}`
}

export function collationDdl(row: CollationRow): string {
  const name = quoteRelation(row)
  const locale = row.locale ?? row.collate ?? ''
  const provider = { i: 'icu', b: 'builtin' }[row.provider]
  const options = [
    ...(provider === undefined ? [] : [`provider = ${provider}`]),
    ...(provider !== undefined || row.collate === row.ctype
      ? [`locale = ${quoteLiteral(locale)}`]
      : [`lc_collate = ${quoteLiteral(row.collate ?? '')}`, `lc_ctype = ${quoteLiteral(row.ctype ?? '')}`]),
    ...(row.deterministic ? [] : ['deterministic = false']),
    ...(row.rules === null ? [] : [`rules = ${quoteLiteral(row.rules)}`]),
  ]
  const create = `create collation if not exists ${name} (${options.join(', ')});`
  return `${schemaDdl(row)}${create}${commentDdl('collation', name, row.comment)}`
}

export function routineDdl(row: RoutineRow): string {
  const signature = `${quoteRelation(row)}(${row.kind === 'aggregate' && row.arguments === '' ? '*' : row.arguments})`
  const comment = commentDdl(row.kind, signature, row.comment)
  if (row.definition === null) return `${schemaDdl(row)}${aggregateBody(row, signature)}${comment}`
  // A body may name relations that come later; it is checked when it runs.
  return `${schemaDdl(row)}set check_function_bodies = off;\n${row.definition.trim()};${comment}`
}

export function sequenceDdl(row: SequenceObjectRow): string {
  const type = row.sequence.type === 'bigint' ? '' : ` as ${row.sequence.type}`
  const options = sequenceOptions(row.sequence)
  const clauses = `${type}${options === '' ? '' : ` ${options}`}`
  const name = quoteRelation(row)
  return `${schemaDdl(row)}create sequence if not exists ${name}${clauses};${commentDdl('sequence', name, row.comment)}`
}

export function extensionDdl(row: ObjectRow): string {
  return `${schemaDdl(row)}create extension if not exists ${quoteIdentifier(row.name)} with schema ${quoteIdentifier(row.schema)};`
}

/** The statement that makes sure of a schema, with its line break; nothing for the two that every database has. */
export function schemaDdl({ schema }: { readonly schema: string }): string {
  if (schema === 'public' || schema === 'pg_catalog') return ''
  return `create schema if not exists ${quoteIdentifier(schema)};\n`
}

function enumBody(row: TypeRow, name: string): string {
  return `create type ${name} as enum (${(row.labels ?? []).map(quoteLiteral).join(', ')});`
}

function domainBody(row: TypeRow, name: string): string {
  const check = (one: TypeRow['checks'][number]) => `constraint ${quoteIdentifier(one.name)} ${one.definition}`
  const proven = row.checks.filter((one) => !isUnproven(one))
  const clauses = [
    row.collation === null ? '' : ` collate ${row.collation}`,
    row.default_text === null ? '' : ` default ${row.default_text}`,
    row.not_null ? ' not null' : '',
    ...proven.map((one) => ` ${check(one)}`),
  ]
  const later = row.checks.filter(isUnproven).map((one) => `\n  alter domain ${name} add ${check(one)};`)
  return `create domain ${name} as ${row.base}${clauses.join('')};${later.join('')}`
}

function isUnproven({ definition }: { readonly definition: string }): boolean {
  return definition.endsWith(' NOT VALID')
}

function compositeBody(row: TypeRow, name: string): string {
  const attributes = (row.attributes ?? []).map(
    (one) => `${quoteIdentifier(one.name)} ${one.type}${one.collation === null ? '' : ` collate ${one.collation}`}`,
  )
  return `create type ${name} as (${attributes.join(', ')});`
}

function rangeBody(row: TypeRow, name: string): string {
  const options = [
    `subtype = ${row.range?.subtype ?? 'text'}`,
    ...(row.range?.collation == null ? [] : [`collation = ${row.range.collation}`]),
    ...(row.range?.difference == null ? [] : [`subtype_diff = ${row.range.difference}`]),
    ...(row.range?.multirange == null ? [] : [`multirange_type_name = ${row.range.multirange}`]),
  ]
  return `create type ${name} as range (${options.join(', ')});`
}

const PARALLEL = { s: 'safe', r: 'restricted', u: 'unsafe' } as const

function aggregateBody(row: RoutineRow, signature: string): string {
  const options = [
    `sfunc = ${row.transition}`,
    `stype = ${row.state}`,
    ...(row.final === null ? [] : [`finalfunc = ${row.final}`]),
    ...(row.final_extra === true ? ['finalfunc_extra'] : []),
    ...(row.combine === null ? [] : [`combinefunc = ${row.combine}`]),
    ...(row.initial === null ? [] : [`initcond = ${quoteLiteral(row.initial)}`]),
    ...(row.parallel === 'u' ? [] : [`parallel = ${PARALLEL[row.parallel]}`]),
    ...(row.aggregate_kind === 'h' ? ['hypothetical'] : []),
  ]
  return `create or replace aggregate ${signature} (\n  ${options.join(',\n  ')}\n);`
}

function commentDdl(kind: string, name: string, comment: string | null): string {
  return comment === null ? '' : `\ncomment on ${kind} ${name} is ${quoteLiteral(comment)};`
}

function unlessItExists(create: string): string {
  const tag = create.includes('$$') ? '$helix$' : '$$'
  return `do ${tag} begin\n  ${create}\nexception when duplicate_object then null;\nend ${tag};`
}
