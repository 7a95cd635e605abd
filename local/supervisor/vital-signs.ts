import * as z from 'zod'

/** Why a runner that lives is no good: it does not answer at all, or its store does not answer it. */
export type Illness = 'silent' | 'store'

export interface VitalSignsOptions {
  readonly pause: (ms: number) => Promise<void>
  /** How long one question may take. */
  readonly answerMs?: number
}

type Answer = 'well' | 'ill' | 'late' | 'unknown'

const ANSWER_MS_MAX = 5_000 // a runner that computes is late, but not by this much
const TRIES_MAX = 3 // one late answer is no illness
const PAUSE_MS = 500
const Unready = z.object({ status: z.literal('unhealthy') })

/**
 * Asks a runner whether it is alive and ready, several times before it is called ill. Its answers need no key.
 * Only what is certain counts: the system takes calls for a process that hangs, so a call that is refused, or answered
 * by something else, says that the runner listens at another address, and nothing about how it is.
 */
export async function illnessOf(url: string, options: VitalSignsOptions): Promise<Illness | null> {
  const live = await askRepeatedly(`${url}/api/v1/health/live`, options)
  if (live !== 'well') return live === 'late' ? 'silent' : null
  return (await askRepeatedly(`${url}/api/v1/health/ready`, options)) === 'ill' ? 'store' : null
}

/** @returns the last answer, or the first that is no cause for concern */
async function askRepeatedly(url: string, { pause, answerMs = ANSWER_MS_MAX }: VitalSignsOptions): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await ask(url, answerMs)
    if (answer === 'well' || tries === TRIES_MAX) return answer
    await pause(PAUSE_MS)
  }
}

async function ask(url: string, answerMs: number): Promise<Answer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) })
    if (response.ok) return 'well'
    return Unready.safeParse(await response.json()).success ? 'ill' : 'unknown'
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'late' : 'unknown'
  }
}
