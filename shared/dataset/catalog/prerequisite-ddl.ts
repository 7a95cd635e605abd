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
  readonly attributes: readonly { readonly name: string; readonly type: string }[] | null
  readonly subtype: string | null
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
}

export interface SequenceObjectRow extends ObjectRow {
  readonly owner: string | null
  readonly owner_column: string | null
  readonly sequence: SequenceRow
}

export function typeDdl(row: TypeRow): string {
  const name = quoteRelation(row)
  const create = { e: enumBody, d: domainBody, c: compositeBody, r: rangeBody }[row.kind](row, name)
  const kind = row.kind === 'd' ? 'domain' : 'type'
  const comment = row.comment === null ? '' : `\ncomment on ${kind} ${name} is ${quoteLiteral(row.comment)};`
  return `${schemaDdl(row)}${unlessItExists(create)}${comment}`
}

export function routineDdl(row: RoutineRow): string {
  if (row.definition === null) return `${schemaDdl(row)}${aggregateBody(row)}`
  // A body may name relations that come later; it is checked when it runs.
  return `${schemaDdl(row)}set check_function_bodies = off;\n${row.definition.trim()};`
}

export function sequenceDdl(row: SequenceObjectRow): string {
  const type = row.sequence.type === 'bigint' ? '' : ` as ${row.sequence.type}`
  const options = sequenceOptions(row.sequence)
  const clauses = `${type}${options === '' ? '' : ` ${options}`}`
  return `${schemaDdl(row)}create sequence if not exists ${quoteRelation(row)}${clauses};`
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
  const clauses = [
    row.collation === null ? '' : ` collate ${row.collation}`,
    row.default_text === null ? '' : ` default ${row.default_text}`,
    row.not_null ? ' not null' : '',
    ...row.checks.map((check) => ` constraint ${quoteIdentifier(check.name)} ${check.definition}`),
  ]
  return `create domain ${name} as ${row.base}${clauses.join('')};`
}

function compositeBody(row: TypeRow, name: string): string {
  const attributes = (row.attributes ?? []).map((one) => `${quoteIdentifier(one.name)} ${one.type}`)
  return `create type ${name} as (${attributes.join(', ')});`
}

function rangeBody(row: TypeRow, name: string): string {
  return `create type ${name} as range (subtype = ${row.subtype ?? 'text'});`
}

const PARALLEL = { s: 'safe', r: 'restricted', u: 'unsafe' } as const

function aggregateBody(row: RoutineRow): string {
  const options = [
    `sfunc = ${row.transition}`,
    `stype = ${row.state}`,
    ...(row.final === null ? [] : [`finalfunc = ${row.final}`]),
    ...(row.combine === null ? [] : [`combinefunc = ${row.combine}`]),
    ...(row.initial === null ? [] : [`initcond = ${quoteLiteral(row.initial)}`]),
    ...(row.parallel === 'u' ? [] : [`parallel = ${PARALLEL[row.parallel]}`]),
    ...(row.aggregate_kind === 'h' ? ['hypothetical'] : []),
  ]
  const signature = `${quoteRelation(row)}(${row.arguments === '' ? '*' : row.arguments})`
  return `create or replace aggregate ${signature} (\n  ${options.join(',\n  ')}\n);`
}

function unlessItExists(create: string): string {
  const tag = create.includes('$$') ? '$helix$' : '$$'
  return `do ${tag} begin\n  ${create}\nexception when duplicate_object then null;\nend ${tag};`
}
