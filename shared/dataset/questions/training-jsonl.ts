import type { Pair } from '../pair.ts'

const SYSTEM = {
  zh: '你是一名 PostgreSQL 专家。请根据给出的表结构，用一条只读的 SELECT 语句回答问题。只输出 SQL。',
  en: 'You are a PostgreSQL expert. Answer the question with one read-only SELECT statement over the given tables. Output SQL only.',
} as const

/**
 * Chat fine-tuning data, one JSON object a line: `{"messages": [system, user, assistant]}`. The user's message holds the
 * DDL of the tables that the SQL reads, then the question.
 * @param ddlByTable by display name; tables without an entry are left out
 */
export function renderTrainingJsonl(pairs: readonly Pair[], ddlByTable: ReadonlyMap<string, string>): string {
  return pairs.map((pair) => `${JSON.stringify({ messages: messagesOf(pair, ddlByTable) })}\n`).join('')
}

function messagesOf(pair: Pair, ddlByTable: ReadonlyMap<string, string>) {
  const ddl = pair.tables.flatMap((table) => ddlByTable.get(table)?.trim() ?? []).join('\n\n')
  return [
    { role: 'system', content: SYSTEM[pair.language] },
    { role: 'user', content: ddl === '' ? pair.question : `${ddl}\n\n${pair.question}` },
    { role: 'assistant', content: pair.sql },
  ]
}
