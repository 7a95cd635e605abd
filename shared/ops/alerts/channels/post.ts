import type { Platform } from '../../../platform/platform.ts'
import type { SendOutcome } from './channel.ts'

const PATIENCE_MS = 10_000 // of one message; a tick tells several
const ANSWER_CHARACTERS_MAX = 300
const WAIT_MS_MAX = 60 * 60_000 // whoever asks for longer is asked again anyway

export interface Answer {
  readonly status: number
  readonly text: string
  /** What Retry-After says. */
  readonly waitMs: number | undefined
}

type Ports = Pick<Platform, 'clock'>

/**
 * One HTTP call to an address that is itself a secret: neither it nor what is sent is ever told. Redirects are not followed.
 * @throws {Error} with a reason that may be shown
 */
export async function call(
  { clock }: Ports,
  url: string,
  init: { method: 'GET' | 'POST'; body?: string; headers?: Record<string, string> },
): Promise<Answer> {
  const [late, answered] = [new AbortController(), new AbortController()]
  void clock.sleep(PATIENCE_MS, answered.signal).then(() => late.abort())
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: late.signal })
    const text = (await response.text()).slice(0, ANSWER_CHARACTERS_MAX)
    return { status: response.status, text, waitMs: waitOf(response.headers.get('retry-after')) }
  } catch (cause) {
    if (late.signal.aborted) throw new Error(`no answer within ${PATIENCE_MS / 1000} s`, { cause })
    throw new Error(connectionReason(cause), { cause })
  } finally {
    answered.abort()
  }
}

/** Posts JSON. An answer of 2xx means done, unless `judge` reads something else from it. */
export async function postJson(
  ports: Ports,
  url: string,
  body: string,
  options: { headers?: Record<string, string>; judge?: (answer: Answer) => SendOutcome | null } = {},
): Promise<SendOutcome> {
  try {
    const headers = { 'content-type': 'application/json', ...options.headers }
    const answer = await call(ports, url, { method: 'POST', body, headers })
    if (answer.status >= 200 && answer.status < 300) return options.judge?.(answer) ?? { ok: true }
    const reason = `HTTP ${answer.status}${answer.text === '' ? '' : `: ${answer.text}`}`
    return { ok: false, reason, ...(answer.waitMs === undefined ? {} : { waitMs: answer.waitMs }) }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Only seconds: a date would need a clock that both agree on. */
function waitOf(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, WAIT_MS_MAX) : undefined
}

/** The code of what failed below: a message could repeat the address. */
function connectionReason(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  return code === '' ? 'no connection' : `no connection (${code})`
}
