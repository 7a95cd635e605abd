import { PGlite } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import { insertsForCopies } from './world/copy-data.ts'

const DUMP = String.raw`create table public.notes (id int generated always as identity, text varchar, at date);
COPY public.notes (id, text, at) FROM stdin;
1	it's a\ttab	2025-06-27
2	\\N is no null; \N neither here	\N
3		2025-06-28
\.

COPY public.notes (id, text, at) FROM stdin;
\.
select setval('notes_id_seq', 3);
`

test('a dump with COPY data loads as INSERT statements, with its tabs, quotes, backslashes and nulls', async () => {
  await using database = new PGlite()
  await database.exec(insertsForCopies(DUMP))
  const { rows } = await database.query('select id, text, at::text from notes order by id')
  expect(rows).toEqual([
    { id: 1, text: "it's a\ttab", at: '2025-06-27' },
    { id: 2, text: String.raw`\N is no null; N neither here`, at: null },
    { id: 3, text: '', at: '2025-06-28' },
  ])
})
