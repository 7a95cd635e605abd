import * as z from 'zod'
import type { Llm } from '../../platform/llm.ts'
import { displayName } from '../catalog/catalog.ts'
import type { Unclassified } from './classify.ts'
import type { Language } from './labels.ts'
import type { Topic } from './topics.ts'

export interface AskPairsRequest {
  /** DDL of the topic's relations. */
  readonly ddl: string
  /** Their documents: meanings, values, ranges. */
  readonly documents: string
  readonly topic: Topic
  readonly businessContext: string
  readonly language: Language
  /** Pairs wanted; a model may give fewer. */
  readonly count: number
  readonly signal?: AbortSignal
}

export interface AskedPairs {
  /** Not yet parsed or run: a model may name what does not exist. */
  readonly pairs: readonly Unclassified[]
  readonly inputTokens: number
  readonly outputTokens: number
}

const QUESTION_CHARACTERS_MAX = 500
const SQL_CHARACTERS_MAX = 8000
const PAIRS_MAX = 50 // longer answers get cut off
const DOCUMENT_CHARACTERS_MAX = 40_000 // about 10,000 tokens: fits any model of today with room for the answer

const Answer = z.object({
  pairs: z
    .array(
      z.object({
        question: z.string().min(1).max(QUESTION_CHARACTERS_MAX),
        sql: z.string().min(1).max(SQL_CHARACTERS_MAX),
      }),
    )
    .max(PAIRS_MAX),
})

/**
 * Asks a model for pairs on one topic. Repeats within the answer and trailing semicolons are removed.
 * @throws {Problem} `llm_failed`
 */
export async function askPairs(llm: Llm, request: AskPairsRequest): Promise<AskedPairs> {
  const count = Math.min(request.count, PAIRS_MAX)
  const answer = await llm.complete({
    system: SYSTEM[request.language],
    prompt: (request.language === 'zh' ? chinesePrompt : englishPrompt)({ ...request, count }),
    schema: Answer,
    schemaName: 'question_sql_pairs',
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  const pairs = new Map<string, Unclassified>()
  for (const { question, sql } of answer.value.pairs) {
    const statement = sql
      .trim()
      .replace(/;+\s*$/, '')
      .trim()
    const asked = question.trim()
    if (statement === '' || asked === '' || pairs.has(asked)) continue
    pairs.set(asked, {
      question: asked,
      sql: statement,
      language: request.language,
      origin: 'llm',
      shape: 'llm',
      topic: request.topic.key,
      onEmptyTable: request.topic.onEmptyTable,
    })
  }
  return { pairs: [...pairs.values()], inputTokens: answer.inputTokens, outputTokens: answer.outputTokens }
}

const SYSTEM: Readonly<Record<Language, string>> = {
  zh: '你既熟悉业务又精通 PostgreSQL，负责为一个业务数据库编写“问题—SQL”训练数据。你写的每一条 SQL 都能直接执行，而且准确回答它的问题。',
  en: 'You know both the business and PostgreSQL, and write training data of questions and SQL for a business database. Every statement you write runs as it is and answers exactly its question.',
}

function chinesePrompt(request: AskPairsRequest): string {
  return `${request.businessContext === '' ? '' : `业务背景：${request.businessContext}\n\n`}表结构：
${cut(request.ddl)}

表的说明：
${cut(request.documents)}

请围绕${topicOf(request.topic, '、')}写出 ${request.count} 组问题和 SQL。

对问题的要求：
- 用自然的中文，像业务人员平时那样提问；不出现表名、字段名、引号和 SQL 关键字。
- 凡是 SQL 里筛选、分组、排序、限制条数的内容，问题里都要说到；每个取值都要原样写出。
- 各个问题的问法和难度要有变化，从简单查询到多表关联、分组统计、子查询、公用表表达式和窗口函数都要有。

对 SQL 的要求：
- 每条都是一个只读的 SELECT（可以带 WITH），不带分号，只用上面给出的表和字段；需要时给标识符加双引号。
- 条件里的取值必须是说明里出现过的真实值；日期以数据的起止时间为准，不要用当前时间。
- 结果应当有数据。`
}

function englishPrompt(request: AskPairsRequest): string {
  return `${request.businessContext === '' ? '' : `The business: ${request.businessContext}\n\n`}The tables:
${cut(request.ddl)}

What is known about them:
${cut(request.documents)}

Write ${request.count} questions with their SQL about ${topicOf(request.topic, ', ')}.

The questions:
- are plain English, as a business user would ask; no names of tables or columns as they are spelled in the database, no quotes, no SQL words;
- say everything that the SQL filters, groups, sorts and limits by, with every value written as it is;
- differ in phrasing and in difficulty, from simple look-ups to joins of several tables, grouping, subqueries, common table expressions and window functions.

The SQL:
- is one read-only SELECT each (a WITH is fine), without a semicolon, over the tables and columns above only, with identifiers in double quotes where they need them;
- compares with values that the descriptions show; dates lie within the range of the data, never relative to the current time;
- returns rows.`
}

function topicOf(topic: Topic, separator: string): string {
  return topic.relations.map(displayName).join(separator)
}

function cut(text: string): string {
  return text.slice(0, DOCUMENT_CHARACTERS_MAX)
}
