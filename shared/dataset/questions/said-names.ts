import type { Relation } from '../catalog/catalog.ts'
import { chineseOf } from '../documents/glossary.ts'
import { ABBREVIATIONS, ACRONYMS, type Language } from './vocabulary.ts'
import { zh } from './wording.ts'
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

/** `员工信息表`, `客户档案` -> 员工, 客户: people name what is recorded, not the record of it. @param whole less only 表 */
export function recordedIn(comment: string, whole: boolean): string {
  const table = comment.replace(/(?<=.[^报代手图列]|信息|资料)表$/, '')
  if (whole) return table
  return table.replace(/(?<=..)(基本|基础|主)?(信息|资料|档案|数据|台账)$/, '')
}

const MODULES = new Set('sys fi eq biz app oms ods dim uc'.split(' '))

/** A word that only says which part of a system a table is of: `bss`, `crm`, `hr`. Judged by itself, not by its neighbours. */
export function isModule(word: string): boolean {
  if (MODULES.has(word)) return true
  return /^[b-df-hj-np-tv-xz]{2,4}$/.test(word) && !(word in ABBREVIATIONS) && !ACRONYMS.has(word) && !chineseOf([word])
}

/** What something of somebody is called, once: `供应商类型`, not `供应商的供应商类型`. */
export function owned(owner: string, said: string): string {
  return /\p{Script=Han}$/u.test(owner) && said.startsWith(owner) ? said : zh`${owner}的${said}`
}

/** A noun behind a number, with its measure word: `个客户`, `条考勤记录`. */
export function item(noun: string): string {
  return zh`${/(记录|明细|分录|流水|日志|条目|评论|消息)$/.test(noun) ? '条' : '个'}${noun}`
}

/** A noun with what Chinese writes behind it, apart where the noun is not Chinese. */
export function zhJoined(noun: string, end: string): string {
  return end === '' || noun === '' || /\p{Script=Han}$/u.test(noun) ? `${noun}${end}` : `${noun} ${end}`
}
