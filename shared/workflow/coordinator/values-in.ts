import type { Json, JsonObject } from '../definition/definition.ts'

const NAME = String.raw`(?<![\w.])([a-z][a-z0-9_]{0,49})`
const GIVES = String.raw`\s*(?:=|＝|:|：|为|是|\sis\s)\s*`
// Not the beginning of something longer: `100万`, `12%`, `1,000`, `1.5.2`, `3rd`.
const NUMBER = String.raw`-?\d{1,15}(?:\.\d{1,15})?(?![\w%％‰百千万亿]|[.,，]\d{3}(?!\d)|\.\d)`
const STATED = new RegExp(`${NAME}${GIVES}(${NUMBER}|true\\b|false\\b|"[^"\\n]{0,500}"|“[^”\\n]{0,500}”)`, 'g')
const VALUES_MAX = 30

/** The values that a sentence gives to names: `sales_current=100`, `sales_previous 为 80`. */
export function valuesIn(text: string): JsonObject {
  const found = [...text.matchAll(STATED)].slice(0, VALUES_MAX)
  return Object.fromEntries(
    found
      .filter(({ 1: name }) => name !== 'constructor' && name !== 'prototype')
      .map(({ 1: name = '', 2: value = '' }) => [name, read(value)]),
  )
}

function read(text: string): Json {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^["“]/.test(text) ? text.slice(1, -1) : Number(text)
}
