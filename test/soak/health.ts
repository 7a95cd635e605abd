import type { Client } from './client.ts'
import { later, type Pace } from './traffic.ts'

const EVERY_MS = 250

/** Asks for the health four times a second, but not while the clock leaps. @returns how long each answer took; `Infinity` for none */
export function watchHealth(
  client: Client,
  pace: Pace,
  signal: AbortSignal,
): { readonly ms: readonly number[]; ended: Promise<void> } {
  const ms: number[] = []
  const look = async () => {
    while (!signal.aborted) {
      if (pace.leaping) {
        await later(EVERY_MS, signal)
        continue
      }
      const answer = await client.get('/api/v1/health').catch(() => null)
      if (!signal.aborted && !pace.leaping) ms.push(answer?.ms ?? Number.POSITIVE_INFINITY)
      await later(EVERY_MS, signal)
    }
  }
  return { ms, ended: look() }
}
