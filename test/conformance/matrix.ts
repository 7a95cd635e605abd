import { readFile, writeFile } from 'node:fs/promises'
import { TARGET_NAMES } from './suite/arguments.ts'
import { SUBJECTS, type Subject } from './suite/case.ts'
import type { Result } from './suite/play.ts'
import type { Recordings } from './suite/results.ts'
import type { Capability, TargetName, Words } from './target.ts'

export type MatrixLanguage = keyof Words

const WORDS = {
  en: {
    behaviour: 'Behaviour',
    targets: {
      local: 'Local runner',
      workerd: 'Workers (workerd)',
      lambda: 'AWS Lambda events',
      container: 'Container',
    },
    leftOut: (count: number) => `, ${count} left out`,
    on: 'run on',
    lacks: 'does not have',
    given: 'no Chinook database was at hand for that run',
  },
  zh: {
    behaviour: '行为',
    targets: { local: '本地运行器', workerd: 'Workers（workerd）', lambda: 'AWS Lambda 事件', container: '容器' },
    leftOut: (count: number) => `，省略 ${count}`,
    on: '运行日期',
    lacks: '不具备',
    given: '该次运行没有可用的 Chinook 数据库',
  },
} as const

const CAPABILITY_WORDS: Readonly<Record<Capability, Words>> = {
  'free-later': { en: '"later" that is not counted as a delivery', zh: '“稍后再投”不计入投递次数' },
  'shared-batches': { en: 'several messages in one invocation', zh: '一次调用收到多条消息' },
  streaming: { en: 'answers that arrive while they are written', zh: '边写边到达的响应' },
  driven: { en: 'a queue whose place the local broker can take', zh: '可由本地消息代理替代的队列' },
  'many-runners': { en: 'several long-lived processes on one store', zh: '多个常驻进程共用一个数据库' },
}

/** The recorded runs as a Markdown table, subjects by targets, with a footnote for every reason to leave a case out. */
export function renderMatrix(recordings: Recordings, language: MatrixLanguage): string {
  const words = WORDS[language]
  const targets = TARGET_NAMES.filter((name) => recordings[name] !== undefined)
  const notes = new Map<string, number>()
  for (const name of targets) markOf(recordings[name]?.how?.[language], notes) // the notes of the heads come first
  const rows = (Object.keys(SUBJECTS) as Subject[]).map((subject) => {
    const cells = targets.map((name) => cellOf(resultsOf(recordings, name, subject), language, notes))
    return `| ${SUBJECTS[subject][language]} | ${cells.join(' | ')} |`
  })
  const days = targets.map((name) => recordings[name]?.on ?? '')
  const heads = targets.map((name) => words.targets[name] + markOf(recordings[name]?.how?.[language], notes))
  const lines = [
    `| ${words.behaviour} | ${heads.join(' | ')} |`,
    `|---|${targets.map(() => '---|').join('')}`,
    ...rows,
    `| *${words.on}* | ${days.map((day) => `*${day}*`).join(' | ')} |`,
  ]
  const footnotes = [...notes].map(([text, number]) => `${superscript(number)} ${text}`)
  return [lines.join('\n'), ...(footnotes.length === 0 ? [] : [footnotes.join('  \n')])].join('\n\n')
}

function resultsOf(recordings: Recordings, target: TargetName, subject: Subject): readonly Result[] {
  return (recordings[target]?.results ?? []).filter((result) => result.subject === subject)
}

/** `12 ✓`, `11 ✓, 1 left out¹`, or with `2 ✗`. */
function cellOf(results: readonly Result[], language: MatrixLanguage, notes: Map<string, number>): string {
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length
  const parts = [
    ...(count('ok') > 0 ? [`${count('ok')} ✓`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} ✗`] : []),
  ]
  const reasons = new Set(
    results.flatMap((result) => (result.outcome === 'left out' ? [reasonOf(result, language)] : [])),
  )
  const marks = [...reasons].map((reason) => markOf(reason, notes))
  if (parts.length === 0 && reasons.size === 0) return '–'
  const left = reasons.size === 0 ? '' : WORDS[language].leftOut(count('left out')) + marks.join('')
  return `${parts.join(', ')}${left}`.replace(/^[,，] ?/, '')
}

function reasonOf({ reason }: Extract<Result, { outcome: 'left out' }>, language: MatrixLanguage): string {
  if (reason.kind === 'given') return WORDS[language].given
  const what = CAPABILITY_WORDS[reason.capability][language]
  // A target says why in English; in Chinese what is lacking says enough.
  return language === 'en' ? `${WORDS.en.lacks} ${what}: ${reason.why}` : `${WORDS.zh.lacks}：${what}`
}

/** The mark of a footnote, which is added unless it is there already. */
function markOf(text: string | undefined, notes: Map<string, number>): string {
  if (text === undefined) return ''
  if (!notes.has(text)) notes.set(text, notes.size + 1)
  return superscript(notes.get(text) ?? 0)
}

function superscript(number: number): string {
  return [...String(number)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')
}

const BEGIN = '<!-- conformance:begin -->'
const END = '<!-- conformance:end -->'

/** Puts the matrix between the markers of a README. @throws {Error} when the markers are not there */
export async function writeMatrix(file: string, matrix: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from === -1 || to < from) throw new Error(`${file} has no ${BEGIN} … ${END}`)
  await writeFile(file, `${text.slice(0, from + BEGIN.length)}\n\n${matrix}\n\n${text.slice(to)}`)
}
