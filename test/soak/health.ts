import type { Client } from './client.ts'
import { later, type Pace } from './traffic.ts'

const EVERY_MS = 250

/** Asks for the health four times a second, but not while the clock leaps or the probe stops the runner. @returns how long each answer took; `Infinity` for none */
export function watchHealth(
  client: Client,
  pace: Pace,
  signal: AbortSignal,
): { readonly ms: readonly number[]; ended: Promise<void> } {
  const ms: number[] = []
  const isStopped = () => pace.leaping || pace.collecting
  // An answer that was on its way while the runner stood still tells of the probe.
  const ask = async () => {
    let stopped = false
    const watching = setInterval(() => {
      stopped ||= isStopped()
    }, 5)
    const answer = await client.get('/api/v1/health').catch(() => null)
    clearInterval(watching)
    return stopped ? null : (answer?.ms ?? Number.POSITIVE_INFINITY)
  }
  const look = async () => {
    while (!signal.aborted) {
      const answer = isStopped() ? null : await ask()
      if (answer !== null && !signal.aborted && !isStopped()) ms.push(answer)
      await later(EVERY_MS, signal)
    }
  }
  return { ms, ended: look() }
}
