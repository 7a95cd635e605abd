import { expect, test } from 'vitest'
import { askPairs } from '../../../../shared/dataset/questions/llm-pairs.ts'
import type { Topic } from '../../../../shared/dataset/questions/topics.ts'
import type { Llm, LlmRequest } from '../../../../shared/platform/llm.ts'

const topic: Topic = {
  key: 'relation:orders',
  kind: 'relation',
  relations: [{ schema: 'public', name: 'orders' }],
  foreignKeys: [],
  onEmptyTable: false,
}
const request = {
  ddl: 'create table orders (id int)',
  documents: 'One row per order.',
  topic,
  businessContext: '高速公路服务区',
  count: 5,
}

function scripted(value: unknown, asked: { prompt: string; system: string }[] = []): Llm {
  return {
    model: 'scripted',
    async complete<T>({ schema, prompt, system }: LlmRequest<T>) {
      asked.push({ prompt, system })
      return { value: schema.parse(value), inputTokens: 120, outputTokens: 30 }
    },
  }
}

test('a model is told the tables, the business and the count in the language of the questions', async () => {
  const asked: { prompt: string; system: string }[] = []
  await askPairs(scripted({ pairs: [] }, asked), { ...request, language: 'zh' })
  await askPairs(scripted({ pairs: [] }, asked), { ...request, language: 'en' })
  for (const { prompt } of asked) {
    for (const part of [request.ddl, request.documents, request.businessContext, 'orders', '5'])
      expect(prompt).toContain(part)
  }
  expect(asked[0]?.system).toMatch(/\p{Script=Han}/u)
  expect(asked[1]?.system).not.toMatch(/\p{Script=Han}/u)
})

test('its pairs come back marked as its own, without semicolons, blanks and repeats, with the tokens used', async () => {
  const pairs = [
    { question: ' How many orders are there? ', sql: 'select count(*) from orders; ' },
    { question: 'How many orders are there?', sql: 'select 1' },
    { question: 'Nothing?', sql: ' ; ' },
  ]
  const answer = await askPairs(scripted({ pairs }), { ...request, language: 'en' })
  expect(answer).toEqual({
    pairs: [
      {
        question: 'How many orders are there?',
        sql: 'select count(*) from orders',
        language: 'en',
        origin: 'llm',
        shape: 'llm',
        topic: topic.key,
        onEmptyTable: false,
      },
    ],
    inputTokens: 120,
    outputTokens: 30,
  })
})
