import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Catalog, displayName } from '../../../../shared/dataset/catalog/catalog.ts'
import type { TableProfile } from '../../../../shared/dataset/catalog/profile.ts'
import { profileTable } from '../../../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../../../shared/dataset/catalog/read-catalog.ts'
import type { Candidate } from '../../../../shared/dataset/questions/classify.ts'
import { generatePairs } from '../../../../shared/dataset/questions/generate-pairs.ts'
import type { Language } from '../../../../shared/dataset/questions/labels.ts'
import { planTopics } from '../../../../shared/dataset/questions/topics.ts'
import { usageOf } from '../../../../shared/dataset/questions/usage.ts'
import { asIdentifier } from '../../../../shared/dataset/questions/words.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { openPgliteSource, type TestSource } from '../../../support/pglite-source.ts'

const SCHEMA = `
create type mood as enum ('calm', 'busy', 'very_busy');
create table ticket (id int primary key, title text, mood mood, state text not null check (state in ('open', 'done_twice')),
  city text, open_flag boolean not null, code text unique,
  remark text not null default '');
insert into ticket (id, title, mood, state, city, open_flag, code) select i, 'Ticket ' || i, (array['calm', 'busy', 'very_busy'])[1 + i % 3]::mood,
  (array['open', 'done_twice'])[1 + i % 2], 'City ' || i % 50, i % 5 = 0, 'C' || i from generate_series(1, 200) i;
create table person (id int primary key, name text not null);
create table call (id int primary key, person_id int not null references person);
create table mail (id int primary key, person_id int not null references person);
create table visit (id int primary key, person_id int not null references person);
create table note (id int primary key, person_id int not null references person);
insert into person select i, 'Person ' || i from generate_series(1, 20) i;
insert into call select i, 1 + i % 15 from generate_series(1, 60) i;
insert into mail select i, 6 + i % 15 from generate_series(1, 60) i;
insert into visit select i, 1 + i % 18 from generate_series(1, 60) i;
insert into note select i, 3 + i % 18 from generate_series(1, 60) i;
`

const sqlParser = pgQueryParser()
let database: TestSource
let catalog: Catalog
const profiles = new Map<string, TableProfile>()

beforeAll(async () => {
  database = await openPgliteSource()
  await database.script(SCHEMA)
  catalog = await readCatalog(database.source)
  for (const relation of catalog.relations)
    profiles.set(displayName(relation), await profileTable(database.source, relation))
})
afterAll(() => database[Symbol.asyncDispose]())

async function generated(language: Language, key = 'relation:ticket'): Promise<Candidate[]> {
  const topic = planTopics(catalog, profiles).find((one) => one.key === key)
  if (topic === undefined) throw new Error('There is no topic')
  return await generatePairs(catalog, profiles, topic, { language, seed: 1, sqlParser })
}

describe.each<Language>(['zh', 'en'])('the values asked for in %s', (language) => {
  test('every value of an enum, a check, a flag and a short list is asked for by some pair', async () => {
    const asked = new Set((await generated(language)).flatMap(({ values }) => values ?? []))
    const cities = Array.from({ length: 50 }, (_, at) => `ticket.city=City ${at}`)
    const wanted = [
      'mood=calm',
      'mood=busy',
      'mood=very_busy',
      'state=open',
      'state=done_twice',
      'open_flag=true',
      'open_flag=false',
      'remark=', // the empty text
    ]
    expect([...wanted.map((value) => `ticket.${value}`), ...cities].filter((value) => !asked.has(value))).toEqual([])
  })

  test('handfuls of a long list of values differ in more than their values, and each names at most five', async () => {
    const ofCities = (await generated(language)).filter(
      ({ shape, values }) => shape === 'values-asked' && values?.some((value) => value.startsWith('ticket.city=')),
    )
    expect(new Set(ofCities.map(({ fingerprint }) => fingerprint)).size).toBe(ofCities.length)
    expect(Math.max(...ofCities.map(({ values }) => values?.length ?? 0))).toBeLessThanOrEqual(5)
    for (const { question, values } of ofCities)
      for (const value of values ?? []) expect(question).toContain(value.split('=')[1])
  })

  test('no question asks for all the values of a column at once', async () => {
    const states = (await generated(language)).filter(
      ({ shape, values }) =>
        shape === 'values-asked' && ['open', 'done_twice'].every((state) => values?.includes(`ticket.state=${state}`)),
    )
    expect(states).toEqual([])
  })

  test('values of keys and of columns that name single rows are not counted among those to ask for', async () => {
    const asked = (await generated(language)).flatMap(({ values }) => values ?? [])
    expect(asked.filter((value) => /^ticket\.(id|title|code)=/.test(value))).toEqual([])
  })
})

test('parents with both kinds of children are asked for in one join of three tables', async () => {
  const pairs = await generated('en', 'siblings:call.call_person_id_fkey+mail.mail_person_id_fkey')
  const both = pairs.filter(({ shape }) => shape === 'both-kinds')
  expect(both.map(({ features }) => features.includes('join_3'))).toEqual([true, true])
  const count = both.find(({ sql }) => sql.includes('COUNT'))
  expect(count?.question).toContain('people that have both calls and mails')
  const { rows } = await database.source.read(count?.sql ?? '', { rowsMax: 1, bytesMax: 1000, timeoutMs: 5000 })
  expect(Number(Object.values(rows[0] ?? {})[0])).toBe(10)
})

test('four kinds of children are counted side by side, and parents with three of them are asked for in one join', async () => {
  const star = planTopics(catalog, profiles).find(({ kind }) => kind === 'star')
  const pairs = await generated('en', star?.key)
  const counts = pairs.find(({ shape }) => shape === 'counts-side-by-side')
  expect(counts?.question).toContain('the numbers of calls, mails, notes and visits that it has')
  expect(counts?.foreignKeys).toHaveLength(4)
  const all = pairs.find(({ shape, sql }) => shape === 'all-kinds' && sql.includes('COUNT'))
  expect(all?.question).toContain('people that have calls, mails and notes')
  const { rows } = await database.source.read(all?.sql ?? '', { rowsMax: 1, bytesMax: 1000, timeoutMs: 5000 })
  expect(Number(Object.values(rows[0] ?? {})[0])).toBe(10)
  const inChinese = await generated('zh', star?.key)
  expect(inChinese.map(({ sql }) => sql)).toEqual(pairs.map(({ sql }) => sql))
})

test.each([
  ["select 1 from ticket t where t.state = 'open'", ['ticket.state=open']],
  ["select 1 from ticket where mood in ('calm', 'busy')", ['ticket.mood=busy', 'ticket.mood=calm']],
  ['select 1 from ticket where id <> 3 and not open_flag', ['ticket.id=3', 'ticket.open_flag=false']],
  ['select 1 from ticket where open_flag', ['ticket.open_flag=true']],
  ["select count(*) filter (where open_flag) from ticket where title ilike 'a%'", ['ticket.open_flag=true']],
  ['select 1 from ticket where id > 3 and state = mood::text', []],
])('the values that %s names are read off its tree', async (sql, values) => {
  expect(usageOf(await sqlParser.parse(sql), catalog).values).toEqual(values)
})

test.each([
  [['straße'], 'strasse'],
  [['2024', 'ventes'], 'ventes'],
  [['größe', '2'], 'grosse_2'],
  [['œuvre'], 'oeuvre'],
  [['2024'], null],
  [['客户'], null],
])('the words %j become the name %j of a result', (words, name) => {
  expect(asIdentifier(words)).toBe(name)
})
