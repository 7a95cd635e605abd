import { helixTest } from 'helix/testing'
import { expect, test } from 'vitest'
import { stepFunction } from '../../../shared/engine/step-function.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'

// Ours: a step that writes a glossary, a term at a time, and a schedule that counts every night what was completed.
const glossary = stepFunction('ddl_generation', async (context) => {
  const names = await context.forEachItem(
    ['order', 'customer', 'supplier'],
    (term) => term,
    async (term, item) => {
      await item.writeFile(`${term}.md`, `# ${term}\n`, { type: 'md' })
      return `${term}.md`
    },
  )
  return { result: { terms: names.length }, required: names }
})

const countCompleted = createFunction().post('/scheduled/count-completed', async (c) => {
  const { store, files, clock } = c.env.platform
  const { rows } = await store.query("select id from data_pipeline_tasks where status like '%completed' order by id")
  await files.put(`reports/${clock.now().toISOString().slice(0, 10)}.json`, JSON.stringify(rows))
  return c.json({ completed: rows.length })
})

const ours = {
  clock: '2026-02-01T01:30:00Z',
  sources: { shop: 'create table orders (id int primary key, customer text)' },
  functions: [{ name: 'ddl-generation', trigger: 'queue', app: glossary }],
  scheduled: [{ name: 'count-completed', cron: '0 3 * * *', app: countCompleted }],
} as const

async function runGlossary(seed: number, faults: string) {
  await using helix = await helixTest({ ...ours, seed, faults })
  const made = await helix.fetch('/api/v0/data_pipeline/tasks', { json: { db_name: 'shop' } })
  const { data: task } = (await made.json()) as { data: { task_id: string } }
  await helix.fetch(`/api/v0/data_pipeline/tasks/${task.task_id}/execute`, { json: { step: 'ddl_generation' } })

  await helix.queue.drain() // what can happen now
  await helix.clock.advance('20m') // what needs time: retries, lapsed leases, the sweep that sends lost messages again

  const answer = await helix.fetch(`/api/v0/data_pipeline/tasks/${task.task_id}`)
  const { data: after } = (await answer.json()) as { data: { step_status: Record<string, string> } }
  const { files } = await helix.files.list(`${task.task_id}/`)
  const written = files.map(({ key }) => key.split('/')[1]).filter((name) => name?.endsWith('.md'))
  return { step: after.step_status.ddl_generation, written, effects: helix.effects, struck: helix.faults.struck }
}

test.each([1, 2, 3])('the glossary is written whatever happens, seed %i', async (seed) => {
  const run = await runGlossary(seed, 'drop=0.3,duplicate=0.3,crash=0.3,store=0.05,files=0.1')
  const { step, written } = run
  expect({ step, written }, JSON.stringify(run.struck)).toEqual({
    step: 'completed',
    written: ['customer.md', 'order.md', 'supplier.md'],
  })
})

test('the count is made every night', async () => {
  await using helix = await helixTest(ours)
  await helix.clock.advance('2h')
  const { files } = await helix.files.list('reports/')
  expect(files.map(({ key }) => key)).toEqual(['reports/2026-02-01.json'])
  expect(await helix.cron.fire('count-completed', '2026-03-01T03:00:00Z')).toEqual({
    status: 200,
    answer: { completed: 0 },
  })
  expect((await helix.files.list('reports/')).files).toHaveLength(2)
})
