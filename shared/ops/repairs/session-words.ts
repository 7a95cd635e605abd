import type { EndOutcome } from '../database/end-sessions.ts'
import type { Session } from '../database/own-sessions.ts'
import type { RepairOutcome } from '../incidents/repair.ts'

/** What ending a session or its statement came to, in words. */
export function endOutcome({ pid }: Session, outcome: EndOutcome): RepairOutcome {
  const summaries: Record<EndOutcome, RepairOutcome['summary']> = {
    not_there: {
      zh: `会话 ${pid} 已不在原来的语句或事务中，没有触动它`,
      en: `Session ${pid} is no longer where it was seen, and was left alone`,
    },
    cancelled: { zh: `已取消会话 ${pid} 的语句`, en: `The statement of session ${pid} was cancelled` },
    ended: { zh: `已结束会话 ${pid}`, en: `Session ${pid} was ended` },
    refused: {
      zh: `已要求会话 ${pid} 结束，但它没有响应`,
      en: `Session ${pid} was told to end and has not done so`,
    },
  }
  return { changed: outcome !== 'not_there', summary: summaries[outcome] }
}
