import type { Language } from '../../platform/problems.ts'
import { type FieldType, type Json, PLAIN_TYPES } from './definition.ts'

const LISTS_DEEP_MAX = 3

/** A type as it was written, in its canonical form; null when there is no such type. */
export function fieldTypeOf(written: string, depth = 0): FieldType | null {
  const name = written.trim()
  if (name === 'array') return 'list' // JSON Schema's word
  const plain = PLAIN_TYPES.find((type) => type === name)
  if (plain !== undefined) return plain
  const inner = /^(?:list|array)\s*<(.+)>$/.exec(name)?.[1]
  if (inner === undefined || depth >= LISTS_DEEP_MAX) return null
  const item = fieldTypeOf(inner, depth + 1)
  return item === null ? null : item === 'any' ? 'list' : `list<${item}>`
}

/** What a list holds; null for a type that is no list. */
export function itemTypeOf(type: FieldType): FieldType | null {
  if (type === 'list') return 'any'
  const inner = /^list<(.+)>$/.exec(type)?.[1]
  return inner === undefined ? null : (inner as FieldType)
}

/** Whether a value is of a type at its surface: what a list holds is not looked at. */
export function isOfType(value: Json, type: FieldType): boolean {
  if (type === 'any') return true
  if (type === 'string') return typeof value === 'string'
  if (type === 'number') return typeof value === 'number'
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return Array.isArray(value)
}

const TYPE_WORDS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  string: { zh: '文本', en: 'a text' },
  number: { zh: '数字', en: 'a number' },
  integer: { zh: '整数', en: 'a whole number' },
  boolean: { zh: '布尔值', en: 'true or false' },
  list: { zh: '列表', en: 'a list' },
  object: { zh: '对象', en: 'an object' },
  null: { zh: 'null', en: 'null' },
  any: { zh: '任意值', en: 'any value' },
}

/** A type in words: "a text". */
export function typeWord(type: string, language: Language): string {
  const item = itemTypeOf(type as FieldType)
  if (item !== null && item !== 'any') {
    return language === 'zh' ? `${typeWord(item, 'zh')}的列表` : `a list of which each is ${typeWord(item, 'en')}`
  }
  return TYPE_WORDS[type]?.[language] ?? type
}

/** What a value is, in words. */
export function kindOfValue(value: unknown, language: Language): string {
  const kind = value === null || value === undefined ? 'null' : Array.isArray(value) ? 'list' : typeof value
  return typeWord(kind, language)
}
