import * as z from 'zod'
import { localTime } from '../../shared/platform/clock.ts'
import type { DeadLetter } from '../../shared/platform/dead-letters.ts'

export const DeadLetterView = z.object({
  id: z.string(),
  function: z.string(),
  body: z.unknown(),
  execution_id: z.string().nullable(),
  reason: z.string(),
  attempt: z.int(),
  deliveries: z.int(),
  died_at: z.string(),
})

export function deadLetterView(letter: DeadLetter, timeZone: string): z.infer<typeof DeadLetterView> {
  const { id, message, reason, attempt, deliveries, diedAt } = letter
  const { function: name, body } = message
  const executionId: unknown = body?.execution_id
  return {
    id,
    function: name,
    body,
    execution_id: typeof executionId === 'string' ? executionId : null,
    reason,
    attempt,
    deliveries,
    died_at: localTime(diedAt, timeZone),
  }
}
