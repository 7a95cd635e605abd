import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Case, casesOf } from '../suite/case.ts'
import { filesOf, type Job, TASKS, untilFinal } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

const STEPS = ['ddl_generation', 'qa_generation', 'sql_validation', 'training_load']
const SOURCES = [
  { source: 'sample', title: 'the bundled sample', question: '哪个服务区的收入最高？' },
  { source: 'given', title: 'Chinook', question: 'Which artist has the most albums?' },
] as const

/** What the product is for: a database in, validated training data out, by HTTP. */
export const mainJob: readonly Case[] = SOURCES.flatMap(({ source, title, question }) => [
  ...casesOf(
    'job',
    [
      `runs the whole workflow on ${title}`,
      async (t) => {
        const { task } = await t.job(source)
        deepEqual([task.status, task.error_message, task.progress], ['completed', null, 100])
        deepEqual(task.step_status, Object.fromEntries(STEPS.map((step) => [step, 'completed'])))
      },
    ],
    [
      `keeps every file of ${title}'s task as its outputs say: size and SHA-256`,
      async (t) => {
        const { id } = await t.job(source)
        const files = await filesOf(t, id)
        const names = files.map(({ file_name }) => file_name)
        for (const ending of [
          '.ddl',
          '_detail.md',
          'metadata.txt',
          '_pair.json',
          'quality_report.json',
          '_summary.log',
        ]) {
          ok(
            names.some((name) => name.endsWith(ending)),
            `no ${ending} among ${names.join(', ')}`,
          )
        }
        for (const file of files) {
          const bytes = Buffer.from(await (await t.fetch(file.download_url)).arrayBuffer())
          equal(bytes.length, file.file_size, file.file_name)
          if (file.content_hash === null) continue // a log that still grew when it was recorded
          equal(createHash('sha256').update(bytes).digest('hex'), file.content_hash, file.file_name)
        }
      },
    ],
    [
      `has executed every pair that it keeps of ${title}`,
      async (t) => {
        const job = await t.job(source)
        const report = JSON.parse(await fileOf(t, job, 'quality_report.json'))
        const pairs = JSON.parse(await fileOf(t, job, '_pair.json'))
        ok(report.pairs > 50, `${report.pairs} pairs`)
        deepEqual([report.executed, pairs.length], [report.pairs, report.pairs])
        equal(report.tables.covered, report.tables.total)
      },
    ],
    [
      `finds what helps to answer a question on ${title}`,
      async (t) => {
        const job = await t.job(source)
        const { body } = await t.call('POST', '/api/v0/training/search', { question, db_name: job.source })
        for (const kind of ['sql', 'ddl', 'documentation']) ok(body.data[kind].length > 0, kind)
      },
    ],
    [
      `adds nothing when ${title} is loaded again`,
      async (t) => {
        const { id, task } = await t.job(source)
        const loaded = task.result.training_load // of its last slice: what an earlier one inserted is unchanged then
        const created = await t.call('POST', `${TASKS}/execute-complete`, { db_name: (await t.job(source)).source })
        equal(created.status, 202, JSON.stringify(created.body))
        const again = await untilFinal(t, created.body.data.task_id)
        ok(again.task_id !== id)
        const { inserted: added, removed, unchanged } = again.result.training_load
        deepEqual([added, removed, unchanged], [0, 0, loaded.inserted + loaded.unchanged])
      },
    ],
  ),
])

async function fileOf(t: Kit, { id }: Job, ending: string): Promise<string> {
  const file = (await filesOf(t, id)).find(({ file_name }) => file_name.endsWith(ending))
  ok(file, `no ${ending}`)
  return await (await t.fetch(file.download_url)).text()
}
