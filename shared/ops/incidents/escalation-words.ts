import { FAULTS } from '../faults/all.ts'
import { DETECTOR_FAILED } from './detector-failed.ts'
import type { Text } from './fault.ts'
import type { RepairOutcome } from './repair.ts'
import type { Storm } from './storm.ts'

/** The first of the incidents that one alert tells of. */
export interface Told {
  readonly id: number
  readonly fault: string
  readonly target: string
  readonly repair: string | null
  /** Repairs that did not help. */
  readonly attempts: number
  readonly explanation: Text | null
  readonly outcome: RepairOutcome | null
  /** How many incidents the alert tells of. */
  readonly count: number
}

const KINDS_ZH: Readonly<Record<string, string>> = {
  task: '任务',
  execution: '执行',
  source: '数据源',
  session: '数据库会话',
  workflow: '工作流',
  table: '表',
  worker: '运行器',
}

/** What it is, why nothing was mended, and what to do next. */
export function escalationText(told: Told): Text {
  const { id, target, count, repair } = told
  const meaning = meaningOf(told.fault)
  const more = count - 1
  const why = told.attempts > 0 && told.outcome !== null ? notHelped(told.outcome.summary) : told.explanation
  const next = { zh: `helix incidents show ${id}`, en: `helix incidents show ${id}` }
  if (repair !== null) {
    next.zh += `；处理后重试：helix incidents repair ${id}`
    next.en += `; to try again: helix incidents repair ${id}`
  }
  return {
    zh: `${meaning.zh}：${target}${more > 0 ? `，另有 ${more} 个` : ''}。${sentence(why?.zh, '。')}下一步：${next.zh}`,
    en: `${meaning.en}: ${target}${more > 0 ? ` and ${more} more` : ''}. ${sentence(why?.en, '. ')}Next: ${next.en}`,
  }
}

/** That all repairs have stopped, and why. */
export function stormText({ fault, kind, ill, of }: Storm): Text {
  const meaning = meaningOf(fault)
  return {
    zh: `已停止全部自动修复：${of} 个${KINDS_ZH[kind] ?? kind}中有 ${ill} 个疑似异常（${meaning.zh}），可能是误判。下一步：helix incidents --open`,
    en: `All repairs have stopped: ${ill} of ${of} (${kind}) look ill (${meaning.en}): the look itself may be wrong. Next: helix incidents --open`,
  }
}

function meaningOf(fault: string): Text {
  const known = [...FAULTS, DETECTOR_FAILED].find(({ name }) => name === fault)
  return known?.meaning ?? { zh: fault, en: fault }
}

function notHelped(summary: Text): Text {
  return { zh: `自动修复未成功：${summary.zh}`, en: `The repair did not help: ${summary.en}` }
}

function sentence(text: string | undefined, end: string): string {
  return text === undefined || text === '' ? '' : `${text.replace(/[。.]\s*$/, '')}${end}`
}
