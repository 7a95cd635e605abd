import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Pair } from '../pair.ts'
import { nodesBelow, type TreeNode } from './tree.ts'

export interface Duplicate {
  readonly pair: Pair
  /** The pair that stays in its place. */
  readonly of: Pair
  /** `sql`: same statement; `question`: same wording; `near`: same statement and wording but for the values. */
  readonly kind: 'sql' | 'question' | 'near'
}

export interface Deduplicated {
  /** One of each kind, in their order. */
  readonly kept: readonly Pair[]
  readonly duplicates: readonly Duplicate[]
}

/**
 * Finds pairs that teach nothing new. The first one stays, but one that passed as it was goes before one that was mended.
 * @param sameShape true also calls pairs duplicates whose SQL differs in values alone, whatever their questions say
 */
export async function findDuplicates(
  parser: SqlParser,
  pairs: readonly Pair[],
  { sameShape = false }: { sameShape?: boolean } = {},
): Promise<Deduplicated> {
  const seen = new Map<string, Pair>()
  const kept: Pair[] = []
  const duplicates: Duplicate[] = []
  for (const pair of mendedLast(pairs)) {
    const shape = await parser.fingerprint(pair.sql)
    const values = valuesOf(await parser.parse(pair.sql))
    const question = normalizedQuestion(pair.question)
    const keys: [Duplicate['kind'], string][] = [
      ['sql', JSON.stringify([shape, values])],
      ['question', question],
      ['near', sameShape ? shape : JSON.stringify([shape, withoutValues(question, values)])],
    ]
    const found = keys.find(([kind, key]) => seen.has(`${kind} ${key}`))
    const original = found === undefined ? undefined : seen.get(`${found[0]} ${found[1]}`)
    if (found !== undefined && original !== undefined) {
      duplicates.push({ pair, of: original, kind: found[0] })
      continue
    }
    kept.push(pair)
    for (const [kind, key] of keys) seen.set(`${kind} ${key}`, pair)
  }
  const keptPairs = new Set(kept)
  return { kept: pairs.filter((pair) => keptPairs.has(pair)), duplicates }
}

function mendedLast(pairs: readonly Pair[]): readonly Pair[] {
  const mended = ({ status }: Pair) => status === 'repaired'
  return [...pairs.filter((pair) => !mended(pair)), ...pairs.filter(mended)]
}

/** A question without case, white space, punctuation and the width of its characters. */
export function normalizedQuestion(question: string): string {
  return question
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{P}\p{S}\s]+/gu, '')
}

/** The constants of a statement, in the order of its text: what a fingerprint leaves out. */
function valuesOf(tree: unknown): string[] {
  return [...nodesBelow(tree)].filter(({ kind }) => kind === 'A_Const').map(({ node }) => constantText(node))
}

function constantText({ location: _, ...constant }: TreeNode): string {
  const [kind, holder] = Object.entries(constant)[0] ?? ['null', null]
  const value = typeof holder === 'object' && holder !== null ? Object.values(holder)[0] : holder
  return `${kind}:${String(value ?? 0)}`
}

function withoutValues(question: string, values: readonly string[]): string {
  const texts = values
    .map((value) => normalizedQuestion(value.slice(value.indexOf(':') + 1)))
    .filter((text) => text !== '')
  return texts.reduce((rest, text) => rest.replaceAll(text, '…'), question).replaceAll(/\p{N}+/gu, '…')
}
