import type { Embedder } from '../../shared/platform/embedder.ts'
import { seedOf } from '../../shared/platform/random.ts'

const DIMENSION = 32

/** Vectors of letter pairs: texts that share words lie close, the same text always at the same place. No model to load. */
export function tinyEmbedder(): Embedder {
  return { model: 'tiny', dimension: DIMENSION, embed: async (texts) => texts.map(tinyVector) }
}

/** The vector of one text, of length 1. */
export function tinyVector(text: string): number[] {
  const vector: number[] = Array.from({ length: DIMENSION }, () => 0)
  const letters = [...` ${text.toLowerCase()} `]
  for (let index = 1; index < letters.length; index++) {
    const place = seedOf(`${letters[index - 1]}${letters[index]}`) % DIMENSION
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.hypot(...vector)
  return vector.map((part) => part / length)
}
