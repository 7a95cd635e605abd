import * as z from 'zod'
import { Problem } from '../platform/problems.ts'
import { HARDNESS_LEVELS, type Pair, pairId } from './pair.ts'

export const PAIR_STATUSES = ['generated', 'valid', 'repaired', 'invalid'] as const
const PAIRS_MAX = 100_000
const MEMBERS: (keyof Pair)[] = [
  'id',
  'question',
  'sql',
  'tables',
  'features',
  'hardness',
  'language',
  'status',
  'origin',
  'onEmptyTable',
  'rows',
]

/** A pair as its file holds it. Question and SQL are enough, since people write such files too; the rest is filled in. */
export const FilePair = z.object({
  id: z.string().min(1).max(100).optional().meta({ description: 'Stays the same when the pair is changed' }),
  question: z.string().trim().min(1).max(10_000),
  sql: z.string().trim().min(1).max(100_000),
  tables: z.array(z.string()).default([]),
  features: z.array(z.string()).default([]),
  hardness: z.enum(HARDNESS_LEVELS).default('easy'),
  language: z.enum(['zh', 'en']).optional(),
  status: z.enum(PAIR_STATUSES).optional(),
  rows: z.number().int().min(0).optional().meta({ description: 'Rows that the SQL returned when it was validated' }),
  origin: z.enum(['generator', 'llm', 'person']).optional(),
})

/** Beside the pairs file: those that read tables without rows. */
export const EMPTY_TABLES_FILE = 'pairs_on_empty_tables.json'

/** `qs_{db}_{task_id}_pair.json`. */
export function pairsFileName(dbName: string, taskId: string): string {
  return `qs_${dbName.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_')}_${taskId}_pair.json`
}

/** Whether a file is the one that holds a task's pairs. */
export function isPairsFile(fileName: string, taskId: string): boolean {
  return fileName.startsWith('qs_') && fileName.endsWith(`_${taskId}_pair.json`)
}

/** A pair that has been kept as a checkpoint comes back with its members in another order: the file has one of its own. */
export function renderPairs(pairs: readonly Pair[]): string {
  return `${JSON.stringify(pairs, MEMBERS, 2)}\n`
}

/**
 * Reads a pairs file, also one that a person has changed. A pair without an id gets that of its content; a second one
 * with the same id is left out.
 * @throws {Problem} `invalid_pairs_file` naming the first entries that are no pairs
 */
export function parsePairs(text: string, fileName = 'The pairs file'): Pair[] {
  const parsed = z.array(FilePair).max(PAIRS_MAX).safeParse(jsonOf(text, fileName))
  if (!parsed.success) {
    const errors = parsed.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message }))
    const named = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new Problem('invalid_pairs_file', `${fileName} holds entries that are no pairs: ${named}`, { errors })
  }
  const byId = new Map<string, Pair>()
  for (const stored of parsed.data) {
    const pair = completed(stored)
    if (!byId.has(pair.id)) byId.set(pair.id, pair)
  }
  return [...byId.values()]
}

function completed({ id, status, rows, origin, language, ...pair }: z.infer<typeof FilePair>): Pair {
  return {
    id: id ?? pairId(pair.question, pair.sql),
    ...pair,
    language: language ?? (/\p{Script=Han}/u.test(pair.question) ? 'zh' : 'en'),
    ...(status === undefined ? {} : { status }),
    ...(rows === undefined ? {} : { rows }),
    ...(origin === undefined ? {} : { origin }),
  }
}

export interface PairFilter {
  /** Found in the question or the SQL; capitals are ignored. */
  readonly q?: string | undefined
  readonly status?: Pair['status'] | undefined
  readonly hardness?: Pair['hardness'] | undefined
}

export function matchesPair(pair: Pair, { q, status, hardness }: PairFilter): boolean {
  if (status !== undefined && pair.status !== status) return false
  if (hardness !== undefined && pair.hardness !== hardness) return false
  return q === undefined || `${pair.question}\n${pair.sql}`.toLowerCase().includes(q.toLowerCase())
}

/** A pair as a person has changed it: its id stays, what validation had said of it is void. */
export function editedPair(pair: Pair, changes: { question?: string | undefined; sql?: string | undefined }): Pair {
  const { rows: _, ...kept } = pair
  const { question = pair.question, sql = pair.sql } = changes
  return { ...kept, question, sql, status: 'generated', origin: 'person' }
}

function jsonOf(text: string, fileName: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('invalid_pairs_file', `${fileName} is not JSON`, { cause })
  }
}
