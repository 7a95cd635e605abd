import type { FaultClass } from '../incidents/fault.ts'
import { listUnderWay } from '../incidents/under-way.ts'

const PILE_MIN = 100 // letters of work that is over do no harm, but so many tell of something

/** Messages that nobody could handle, although their work still waits for them; or very many. */
export const deadLetterPile: FaultClass = {
  name: 'dead_letter_pile',
  severity: 'P1',
  layer: 'infrastructure',
  kind: 'queue',
  meaning: {
    zh: '死信堆积：仍在等待的执行，其消息已成为死信',
    en: 'Messages are dead although their work still waits, or very many are',
  },
  async detect({ store, deadLetters }) {
    if (deadLetters === undefined) return { ill: [], of: 0 }
    const letters = await deadLetters.list()
    const waiting = new Set((await listUnderWay(store)).map(({ executionId, claim }) => `${executionId} ${claim}`))
    const useful = letters.filter(({ message: { body } }) => waiting.has(`${body.execution_id} ${body.claim}`))
    if (useful.length === 0 && letters.length < PILE_MIN) return { ill: [], of: 1 }
    const facts = { letters: useful.map(({ id }) => id), of: letters.length, reason: (useful[0] ?? letters[0])?.reason }
    const occurredAt = (useful[0] ?? letters[0])?.diedAt ?? null
    return { ill: [{ id: 'dead-letters', facts, occurredAt }], of: 1 }
  },
  async diagnose(_, { facts }) {
    const useful = Array.isArray(facts.letters) ? facts.letters.length : 0
    return {
      rule: useful > 0 ? 'letters-awaited' : 'many-letters',
      explanation: {
        zh: `共有 ${facts.of} 条死信，其中 ${useful} 条对应的执行仍在等待；最近原因：${facts.reason}`,
        en: `${facts.of} messages are dead, and the work of ${useful} of them still waits; a reason: ${facts.reason}`,
      },
      repair: useful > 0 ? 'redrive-dead-letters' : null,
    }
  },
}
