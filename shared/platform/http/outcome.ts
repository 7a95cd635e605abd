import { maskText } from '../mask.ts'

/** What becomes of a message, told from its function's answer: the same table on every platform, message by message. */
export type Outcome =
  | { readonly fate: 'acknowledge' }
  /** Stale claim: another worker owns the execution. Acknowledged and logged. */
  | { readonly fate: 'fenced' }
  | { readonly fate: 'later'; readonly delaySeconds: number }
  /** Poison: it would fail for ever. Kept with its reason. */
  | { readonly fate: 'dead'; readonly reason: string }
  /** Redelivered with backoff, dead after the last attempt. */
  | { readonly fate: 'retry'; readonly reason: string }

/** @param answered the function's answer, or what it threw; a deadline counts as a throw */
export function outcomeOf(answered: Response | Error): Outcome {
  if (answered instanceof Error) return { fate: 'retry', reason: maskText(answered.message) }
  const { status } = answered
  if (status >= 200 && status < 300) return { fate: 'acknowledge' }
  if (status === 409) return { fate: 'fenced' }
  const retryAfter = retryAfterSeconds(answered)
  if ((status === 429 || status === 503) && retryAfter !== null) return { fate: 'later', delaySeconds: retryAfter }
  if (status >= 400 && status < 500 && status !== 429) return { fate: 'dead', reason: `HTTP ${status}` }
  return { fate: 'retry', reason: `HTTP ${status}` }
}

function retryAfterSeconds(response: Response): number | null {
  const header = response.headers.get('retry-after')
  return header !== null && /^\d+$/.test(header) ? Number(header) : null
}
