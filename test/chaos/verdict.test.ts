import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { STEPS } from '../../shared/engine/pipeline.ts'
import { insertExecution, insertTask } from '../support/store-factory.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { openTestStore, type TestStore } from '../support/test-store.ts'
import type { Journal } from './journal.ts'
import { planOf } from './steps.ts'
import { judge, type Verdict } from './verdict.ts'

const TASK = 'task_20261121_120000'
const NUMBER = 3
const AT = new Date('2026-11-21T12:00:00Z')

let store: TestStore
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let worked: Map<string, number[]>
let fenced: Journal['fenced']

beforeAll(async () => {
  store = await openTestStore()
  await store.query(await readFile(new URL('witness.sql', import.meta.url), 'utf8'))
})
afterAll(async () => await store?.close())

/** One task that went through all steps, each under claim 2 after a claim 1 that was superseded. */
beforeEach(async () => {
  await store.query(
    'truncate data_pipeline_tasks, data_pipeline_task_executions, task_checkpoints, data_pipeline_task_outputs cascade',
  )
  await store.query('truncate chaos_history, chaos_violations')
  folder = await temporaryFolder()
  await mkdir(join(folder.path, TASK))
  worked = new Map()
  fenced = [{ executionId: 'run_ddl_generation', claim: 1 }]
  await insertTask(store, { id: TASK, status: 'in_progress', businessContext: `chaos ${NUMBER}` })
  for (const step of STEPS) await play(step)
  await store.query(
    `update data_pipeline_tasks set status = 'completed', progress = 100,
            step_status = (select jsonb_object_agg(key, 'completed') from jsonb_each(step_status)) where id = $1`,
    [TASK],
  )
  return async () => await folder[Symbol.asyncDispose]()
})

async function play(step: (typeof STEPS)[number]): Promise<void> {
  const executionId = `run_${step}`
  const { items, summary } = planOf(NUMBER, step)
  await insertExecution(store, { executionId, taskId: TASK, step, status: 'running', claim: 1, leaseOwner: 'w1' })
  await store.query(`update data_pipeline_task_executions set claim = 2, run_id = 'run' where execution_id = $1`, [
    executionId,
  ])
  for (const { key, file } of items) {
    worked.set(`${executionId} ${key}`, [1, 2])
    await saveCheckpoint(executionId, step, key, 2)
    if (file !== null) await saveOutput(executionId, file.name, file.text)
  }
  await saveOutput(executionId, summary.name, summary.text)
  await store.query(
    `update data_pipeline_task_executions
        set status = 'completed', execution_result = '{"claim": 2}', lease_owner = null, lease_expires_at = null
      where execution_id = $1`,
    [executionId],
  )
}

async function saveCheckpoint(executionId: string, step: string, item: string, claim: number): Promise<void> {
  await store.query(
    `insert into task_checkpoints (task_id, step, item, value, execution_id, claim, created_at)
     values ($1, $2, $3, '{}', $4, $5, $6)`,
    [TASK, step, item, executionId, claim, AT],
  )
}

async function saveOutput(executionId: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder.path, TASK, name), text)
  await store.query(
    `insert into data_pipeline_task_outputs
            (task_id, execution_id, step_name, file_type, file_name, file_path, content_hash, description, created_at, modified_at)
     values ($1, $2, 'any', 'txt', $3::text, $3::text, encode(sha256(convert_to($4, 'UTF8')), 'hex'), 'claim 2', $5, $5)`,
    [TASK, executionId, name, text, AT],
  )
}

async function verdict(): Promise<Verdict> {
  return await judge({
    store: { query: async (text, values) => (await store.query<never>(text, values)).rows },
    filesRoot: folder.path,
    tasks: NUMBER,
    posting: { acknowledged: [{ number: NUMBER, taskId: TASK }], differing: [], retries: 0 },
    journal: { worked, fenced, staleMessages: 0, rescued: 0 },
    writers: new Map([['w1', 'r1.1']]),
  })
}

test('a whole run is clean, and a fenced attempt counts as a late report', async () => {
  expect(await verdict()).toEqual({
    completed: 1,
    failed: 0,
    lateReports: 1,
    lateAccepted: [],
    lost: [],
    twice: [],
    stuck: [],
  })
})

const EXECUTIONS = 'update data_pipeline_task_executions'
const FIRST = `where execution_id = 'run_ddl_generation'`

test.each<[string, keyof Verdict, RegExp, () => Promise<unknown>]>([
  [
    'a late checkpoint',
    'lateAccepted',
    /late_checkpoint/,
    () => saveCheckpoint('run_ddl_generation', 'ddl_generation', 'x', 1),
  ],
  [
    'a checkpoint after the end',
    'lateAccepted',
    /checkpoint_after_end/,
    () => saveCheckpoint('run_ddl_generation', 'ddl_generation', 'x', 2),
  ],
  [
    'a change after the end',
    'lateAccepted',
    /changed_after_final/,
    () => store.query(`${EXECUTIONS} set progress = 0.5 ${FIRST}`),
  ],
  [
    'a second end',
    'twice',
    /ended 2 times/,
    async () => {
      await store.query(`${EXECUTIONS} set status = 'running' ${FIRST}`)
      await store.query(`${EXECUTIONS} set status = 'completed' ${FIRST}`)
    },
  ],
  [
    'an end under another claim',
    'lateAccepted',
    /late_finish/,
    async () => {
      await store.query(`${EXECUTIONS} set status = 'running' ${FIRST}`)
      await store.query(`${EXECUTIONS} set status = 'completed', execution_result = '{"claim": 1}' ${FIRST}`)
    },
  ],
  [
    'a claim taken from a living lease',
    'lateAccepted',
    /while r1.1 held the lease/,
    async () => {
      await store.query(
        `${EXECUTIONS} set status = 'running', lease_owner = 'w1', lease_expires_at = clock_timestamp() + interval '1 hour' ${FIRST}`,
      )
      await store.query(`${EXECUTIONS} set lease_owner = 'w2', claim = 3 ${FIRST}`)
    },
  ],
  [
    'an item worked after its checkpoint',
    'twice',
    /ddl_generation_1 .* worked under 2, 3/,
    async () => worked.set('run_ddl_generation ddl_generation_1', [2, 3]),
  ],
  [
    'a checkpoint that changes',
    'twice',
    /checkpoint_changed/,
    () => store.query(`update task_checkpoints set value = '1'`),
  ],
  [
    'a step executed twice',
    'twice',
    /executed more than once/,
    () => store.query(`${EXECUTIONS} set execution_step = 'ddl_generation' where execution_id = 'run_training_load'`),
  ],
  ['a file that is gone', 'lost', /has no file/, () => rm(join(folder.path, TASK, 'metadata.txt'))],
  [
    'a file that is another',
    'lost',
    /does not have the hash/,
    () => writeFile(join(folder.path, TASK, 'metadata.txt'), 'x'),
  ],
  [
    'a task that went back',
    'lost',
    /should be completed/,
    () => store.query(`update data_pipeline_tasks set status = 'in_progress'`),
  ],
  [
    'a lease without a holder',
    'stuck',
    /"lease_owner":"w1"/,
    () => store.query(`${EXECUTIONS} set lease_owner = 'w1' ${FIRST}`),
  ],
])('finds %s', async (_, where, words, spoil) => {
  await spoil()
  expect((await verdict())[where]).toEqual(expect.arrayContaining([expect.stringMatching(words)]))
})
