import type { Llm } from '../../platform/llm.ts'
import { Problem } from '../../platform/problems.ts'
import { type SqlParser, SqlSyntaxError } from '../../platform/sql-parser.ts'
import { type Catalog, displayName, sameRelation } from '../catalog/catalog.ts'
import type { TableProfile } from '../catalog/profile.ts'
import { renderDocument } from '../documents/document.ts'
import { type Candidate, classifyPair } from './classify.ts'
import type { Language } from './labels.ts'
import { askPairs } from './llm-pairs.ts'
import type { Topic } from './topics.ts'

export interface AskTopicRequest {
  readonly catalog: Catalog
  readonly profiles: ReadonlyMap<string, TableProfile>
  /** By display name. */
  readonly ddl: ReadonlyMap<string, string>
  readonly topic: Topic
  readonly language: Language
  readonly businessContext: string
  readonly signal: AbortSignal
}

/** JSON all through, so that it can be checkpointed. */
export interface AskedTopic {
  readonly candidates: readonly Candidate[]
  readonly tokens: number
  /** SQL that is no SQL: never shipped, told to the task's owner. */
  readonly unreadable: readonly string[]
  /** Why the model gave nothing, in words; null when it answered. */
  readonly problem: string | null
}

const PAIRS_PER_TOPIC = 10

/** Asks a model for pairs on a topic and its neighbours; a model that does not answer leaves the topic to the generator. */
export async function askTopic(llm: Llm, sqlParser: SqlParser, request: AskTopicRequest): Promise<AskedTopic> {
  const { catalog, topic, language, businessContext, signal } = request
  try {
    const answer = await askPairs(llm, {
      ...schemaOf(request),
      topic,
      businessContext,
      language,
      count: PAIRS_PER_TOPIC,
      signal,
    })
    const candidates: Candidate[] = []
    const unreadable: string[] = []
    for (const pair of answer.pairs) {
      try {
        candidates.push(await classifyPair(sqlParser, catalog, pair))
      } catch (thrown) {
        if (!(thrown instanceof SqlSyntaxError)) throw thrown
        unreadable.push(pair.sql)
      }
    }
    return { candidates, tokens: answer.inputTokens + answer.outputTokens, unreadable, problem: null }
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'llm_failed') throw thrown
    return { candidates: [], tokens: 0, unreadable: [], problem: thrown.message }
  }
}

/** DDL and documents of the topic's relations and of those that share a foreign key with them. */
function schemaOf({ catalog, profiles, ddl, topic, language }: AskTopicRequest): { ddl: string; documents: string } {
  const touching = catalog.foreignKeys.filter((key) =>
    topic.relations.some((name) => sameRelation(name, key.from) || sameRelation(name, key.to)),
  )
  const names = new Set([...topic.relations, ...touching.flatMap((key) => [key.from, key.to])].map(displayName))
  const relations = catalog.relations.filter((relation) => names.has(displayName(relation)))
  const documents = relations.flatMap((relation) => {
    const profile = profiles.get(displayName(relation))
    return profile === undefined ? [] : [renderDocument(catalog, relation, profile, { language })]
  })
  return {
    ddl: relations.map((relation) => ddl.get(displayName(relation)) ?? '').join('\n'),
    documents: documents.join('\n'),
  }
}
