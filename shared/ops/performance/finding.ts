import type { Language } from '../../platform/problems.ts'

export type Text = Readonly<Record<Language, string>>

/** Something that costs time, why most likely, and what to do about it. */
export interface PerformanceFinding {
  /** Snake case: `slow_step`, `waits_for_room` … */
  readonly kind: string
  /** Which step, endpoint, statement, source. */
  readonly subject: string
  /** What it costs, to sort by: of the window, or of one case where nothing is summed. */
  readonly seconds: number
  readonly cause: Text
  readonly nextStep: Text
}

/** `0.35 s`, `42 s`, `12 min`. */
export function secondsText(seconds: number, language: Language): string {
  const [second, minute] = language === 'zh' ? ['秒', '分钟'] : ['s', 'min']
  if (seconds >= 120) return `${Math.round(seconds / 60)} ${minute}`
  return `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} ${second}`
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`
}
