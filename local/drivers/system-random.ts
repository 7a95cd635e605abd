import { randomFillSync } from 'node:crypto'
import type { Random } from '../../shared/platform/random.ts'

const BYTES_EACH = 6
const pool = Buffer.alloc(BYTES_EACH * 512) // asking the system costs twenty times what reading does
let next = pool.length

/** Chance as the operating system gives it, so that ids of different processes never meet. */
export const systemRandom: Random = () => {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  const drawn = pool.readUIntBE(next, BYTES_EACH) / 2 ** (8 * BYTES_EACH)
  next += BYTES_EACH
  return drawn
}
