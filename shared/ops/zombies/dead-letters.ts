import { writeAudit } from '../../platform/audit.ts'
import type { DeadLetter, DeadLetters } from '../../platform/dead-letters.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'

/** @throws {Problem} `dead_letters_elsewhere` where the queue of this platform can't be asked */
export function requireDeadLetters({ deadLetters }: Platform): DeadLetters {
  if (deadLetters !== undefined) return deadLetters
  throw new Problem('dead_letters_elsewhere', 'The queue of this platform does not tell its dead messages', {
    hint: 'Look into the dead-letter queue with the tools of the cloud (SQS: helix-dead-letters; Cloudflare: the dead-letter queue of wrangler.toml). No work is lost: the sweep sends the message of every unfinished execution again',
  })
}

/** A page of dead messages, newest death first, behind that id. */
export async function listDeadLetters(
  platform: Platform,
  limit: number,
  after: string | null,
): Promise<{ letters: DeadLetter[]; next: string | null }> {
  const all = (await requireDeadLetters(platform).list()).toReversed()
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
  const letters = all.slice(from, from + limit)
  return { letters, next: from + limit < all.length ? (letters.at(-1)?.id ?? null) : null }
}

/** Sends a dead message again. @throws {Problem} `dead_letter_not_found`, `dead_letters_elsewhere` */
export async function redriveDeadLetter(
  platform: Platform,
  id: string,
  change: { by: string; reason?: string | undefined; requestId?: string | undefined },
): Promise<DeadLetter> {
  const port = requireDeadLetters(platform)
  const letter = (await port.list()).find((one) => one.id === id)
  if (letter === undefined || !(await port.redrive(id))) {
    throw new Problem('dead_letter_not_found', `Cannot send the dead message "${id}" again`, {
      hint: 'GET /api/v1/ops/dead-letters lists them',
    })
  }
  const { message, reason, attempt } = letter
  await writeAudit(platform.store, {
    at: platform.clock.now(),
    actor: change.by,
    action: 'dead_letter.redriven',
    target: message.body?.execution_id ?? id,
    reason: change.reason ?? null,
    before: { id, function: message.function, body: message.body, reason, attempt },
    requestId: change.requestId ?? null,
  })
  return letter
}
