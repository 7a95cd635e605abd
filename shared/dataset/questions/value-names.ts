import type { Language } from './vocabulary.ts'

// `0草稿 1已审核`, `0-否，1-是`, `(A: active, B: blocked)`: a code, then what it means.
const NAMED: Readonly<Record<Language, RegExp>> = {
  zh: /(?<![\p{L}\p{N}.-])(\d{1,3}|[A-Z]{1,3})\s*[-:：=＝、]?\s*(\p{Script=Han}{1,10})/gu,
  en: /(?<![p{L}p{N}.-])(\d{1,3}|[A-Z]{1,3})\s*[-:=]\s*([a-z]+(?: [a-z]+){0,2})/gi,
}

/** What a column's codes mean, by its comment: people ask for approved orders, not for those whose status is 1. */
export function valueNames(comment: string | null, language: Language): ReadonlyMap<string, string> {
  const listed = [...(comment ?? '').matchAll(NAMED[language])].map(([, code = '', name = '']) => [code, name] as const)
  return new Map(listed.length > 1 ? listed : []) // one alone is a number in a sentence
}
