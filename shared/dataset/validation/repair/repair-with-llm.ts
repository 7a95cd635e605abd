import * as z from 'zod'
import type { Llm } from '../../../platform/llm.ts'
import type { Pair } from '../../pair.ts'
import type { Failure } from '../failure.ts'

export interface LlmRepair {
  readonly sql: string
  readonly inputTokens: number
  readonly outputTokens: number
}

const SCHEMA_CHARACTERS_MAX = 24_000 // some 8,000 tokens: the pair's tables, not the whole database
const Answer = z.object({ sql: z.string().min(1).max(20_000).describe('The corrected statement, without explanation') })

const SYSTEM = {
  en: 'You correct PostgreSQL queries. Keep the meaning of the question. Answer one read-only SELECT that uses only the tables and columns of the schema, with names quoted where they need it.',
  zh: '你负责修正 PostgreSQL 查询。保持问题的含义不变。只返回一条只读 SELECT，只使用给定结构中的表和列，需要时给名称加双引号。',
} as const

/** Asks the model once. What it answers is a candidate like any other: to be proved. @throws {Problem} `llm_failed` */
export async function repairWithLlm(
  llm: Llm,
  pair: Pick<Pair, 'question' | 'sql'>,
  failure: Pick<Failure, 'class' | 'message'>,
  schemaText: string,
  language: 'zh' | 'en',
  signal?: AbortSignal,
): Promise<LlmRepair> {
  const answer = await llm.complete({
    system: SYSTEM[language],
    prompt: JSON.stringify({
      question: pair.question,
      sql: pair.sql,
      error: failure.message,
      error_class: failure.class,
      schema: schemaText.slice(0, SCHEMA_CHARACTERS_MAX),
    }),
    schema: Answer,
    schemaName: 'corrected_query',
    ...(signal === undefined ? {} : { signal }),
  })
  return { sql: answer.value.sql, inputTokens: answer.inputTokens, outputTokens: answer.outputTokens }
}
