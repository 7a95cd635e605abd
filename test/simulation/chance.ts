import { type Random, seededRandom } from '../../shared/platform/random.ts'

/** Draws for one thing that a seed decides: the same parts, the same draws, whatever was drawn elsewhere. */
export function drawsOf(...parts: readonly (number | string)[]): Draws {
  return new Draws(seededRandom(mix(parts.join('/'))))
}

/** FNV-1a with a last stir, so that neighbouring numbers begin far apart. */
function mix(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return hash >>> 0
}

export class Draws {
  readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1))
  }

  one<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.random() * values.length)]
    if (value === undefined) throw new Error('There is nothing to choose from')
    return value
  }

  /** One of the keys, by its weight; null when all weigh nothing. */
  weighted<T extends string>(weights: Readonly<Partial<Record<T, number>>>): T | null {
    const entries = Object.entries(weights) as [T, number][]
    let left = this.random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return null
  }
}
