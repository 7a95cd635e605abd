import type { Relation } from '../catalog/catalog.ts'
import { chineseOf } from '../documents/glossary.ts'
import type { Language } from './vocabulary.ts'
import { splitWords } from './words.ts'

/** `from warehouse` -> source warehouse: a preposition begins no noun. */
export function sideNamed(words: string, language: Language): string {
  const [, side, noun] = /^(from|to) (.+)$/.exec(words) ?? []
  if (side === undefined || noun === undefined) return words
  if (language === 'zh') return `${side === 'from' ? '来源' : '目标'} ${noun}`
  return `${side === 'from' ? 'source' : 'target'} ${noun}`
}

const PERSON = /employee|staff|person|people|contact|customer|user|member|doctor|teacher|student|manager|worker|actor/

/** What the words mean in Chinese; a few mean one thing of a person or of an address and another of anything else. */
export function inChinese(words: readonly string[], relation: Relation | undefined): string | null {
  const name = words.join(' ')
  const isPerson = PERSON.test(splitWords(relation?.name ?? '').join(' '))
  if (name === 'title' && isPerson) return '职务'
  if (name === 'name' && isPerson) return '姓名'
  const by = words.indexOf('by')
  if (by > 0) {
    const [what, per] = [chineseOf(words.slice(0, by)), chineseOf(words.slice(by + 1))]
    return what === null || per === null ? null : `按${per}统计的${what}`
  }
  const said = chineseOf(words)
  if (said !== null) return said.replace(/^数量$/, '件数')
  if (words.at(-1) === 'state') {
    const isPlace = relation?.columns.some((column) => /city|country|postal|zip/i.test(column.name)) ?? false
    const whose = words.length === 1 ? '' : chineseOf(words.slice(0, -1))
    return whose === null ? null : `${whose}${isPlace ? '州' : '状态'}`
  }
  return null
}

/** A noun with what Chinese writes behind it, apart where the noun is not Chinese. */
export function zhJoined(noun: string, end: string): string {
  return end === '' || noun === '' || /\p{Script=Han}$/u.test(noun) ? `${noun}${end}` : `${noun} ${end}`
}
