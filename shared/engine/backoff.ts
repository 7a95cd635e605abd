import type { Random } from '../platform/random.ts'

const BASE_MS = 1_000
const CAP_MS = 60_000

/** Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015). @param attempt failures so far, from 1 */
export function backoffMs(attempt: number, random: Random): number {
  return Math.floor(random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1)))
}
