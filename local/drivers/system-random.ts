import { randomBytes } from 'node:crypto'
import type { Random } from '../../shared/platform/random.ts'

/** Chance as the operating system gives it, so that ids of different processes never meet. */
export const systemRandom: Random = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48
