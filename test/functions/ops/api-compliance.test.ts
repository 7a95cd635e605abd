import { expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertLogs, insertTask, putOutput } from '../../support/store-factory.ts'

const kit = functionKit()

interface Answer {
  readonly data: {
    compliant: boolean
    findings: readonly Record<string, string>[]
    checked: string[]
    skipped: string[]
  }
}

const lines = ({ data }: Answer) =>
  data.findings.map(({ rule, endpoint, expected, found }) => `${rule} ${endpoint}: ${expected} / ${found}`)

test("Helix's own API is as its description says, with a task and without", async () => {
  const empty = await kit.read<Answer>('/api/v1/ops/api-compliance')
  expect(lines(empty)).toEqual([])
  const taskId = await insertTask(kit.platform.store, { status: 'completed' })
  await insertExecution(kit.platform.store, { status: 'completed' })
  await insertLogs(kit.platform.store, taskId, [{}])
  await putOutput(kit.platform, taskId, 'metadata.txt', 'orders: 12 columns\n')
  const filled = await kit.read<Answer>('/api/v1/ops/api-compliance')
  expect(lines(filled)).toEqual([])
  expect(filled.data.compliant).toBe(true)
  expect(filled.data.checked).toContain('GET /api/v0/data_pipeline/tasks/{task_id}/files/download/{name}')
  expect(filled.data.checked).not.toContain('GET /api/v1/ops/api-compliance')
})

test('a check of the API changes nothing', async () => {
  await insertTask(kit.platform.store)
  const before = await kit.platform.store.query('select * from data_pipeline_tasks')
  await kit.read<Answer>('/api/v1/ops/api-compliance?severity=high')
  expect((await kit.platform.store.query('select * from data_pipeline_tasks')).rows).toEqual(before.rows)
  expect((await kit.platform.store.query('select * from audit_log')).rows).toEqual([])
})
