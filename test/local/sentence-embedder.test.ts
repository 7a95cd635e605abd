import { expect, test } from 'vitest'
import { sentenceEmbedder } from '../../local/drivers/sentence-embedder.ts'

const embedder = sentenceEmbedder()

function cosine(one: readonly number[] | undefined, other: readonly number[] | undefined): number {
  if (one === undefined || other === undefined) throw new Error('a vector is missing')
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
}

async function similarities(text: string, ...others: string[]): Promise<number[]> {
  const [vector, ...rest] = await embedder.embed([text, ...others])
  return rest.map((other) => cosine(vector, other))
}

test.each([
  ['How many customers live in each country?', 'Number of clients per country', 'List the longest rock tracks'],
  ['What is the total revenue of 2013?', 'How much money did we earn in 2013?', 'Which employee was hired first?'],
])('English: "%s" is nearer to "%s" than to "%s"', async (question, paraphrase, unrelated) => {
  const [near = 0, far = 0] = await similarities(question, paraphrase, unrelated)
  expect(near).toBeGreaterThan(far + 0.1)
})

test.each([
  ['每个国家有多少客户？', '统计各国家的客户数量', '列出最长的摇滚曲目'],
  ['2013年的销售总额是多少？', '2013 年总销售额有多少', '哪位员工最早入职？'],
  ['库存低于安全库存的商品有哪些', '列出低于安全库存的商品', '每位司机的平均配送时长'],
  ['按月统计订单金额', '每月的订单总金额是多少', '哪些供应商位于上海'],
])('Chinese: "%s" is nearer to "%s" than to "%s"', async (question, paraphrase, unrelated) => {
  const [near = 0, far = 0] = await similarities(question, paraphrase, unrelated)
  expect(near).toBeGreaterThan(far + 0.15)
})

test('mixed text is near to both of its halves', async () => {
  const [english = 0, chinese = 0, neither = 0] = await similarities(
    '客户表 customer table',
    'customer table',
    '客户表',
    '库存 warehouse',
  )
  expect(Math.min(english, chinese)).toBeGreaterThan(neither + 0.2)
})

test('every vector has 512 numbers and unit length, the empty text too', async () => {
  for (const vector of await embedder.embed(['Customer', '客户', '', '1', '。', 'Track 中文', 'a'.repeat(50_000)])) {
    expect(vector).toHaveLength(embedder.dimension)
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
  }
})

test('the same text gives the same vector in whatever company it comes', async () => {
  const [alone] = await embedder.embed(['list all albums'])
  const [, among] = await embedder.embed([
    '客户',
    'list all albums',
    'a much longer text about something else entirely',
  ])
  expect(among).toEqual(alone)
})

test('the event loop turns while texts are embedded', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await embedder.embed(Array.from({ length: 10 }, (_, index) => `question ${index}`))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})

test('embedding stops when the signal aborts', async () => {
  await expect(embedder.embed(['one', 'two'], AbortSignal.abort())).rejects.toThrow()
})
