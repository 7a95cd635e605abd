import { expect, test } from 'vitest'
import { executionOf, insertCompletedTask } from '../../support/dirty-data-kit.ts'
import { functionKit } from '../../support/function-kit.ts'

const kit = functionKit()
const TASK = 'task_20250627_140000'

// As the procedure prints them (5.1), letter by letter.
const ORPHANS = `
-- 验证没有孤儿artifacts
SELECT a.id, a.task_id, a.name 
FROM artifacts a 
LEFT JOIN tasks t ON a.task_id = t.id 
WHERE t.id IS NULL;`

const STATUSES = `
-- 验证Task状态一致性
SELECT t.id, t.status, t.agent_id, 
       CASE WHEN a.id IS NOT NULL THEN 'HAS_ARTIFACT' ELSE 'NO_ARTIFACT' END as artifact_status
FROM tasks t 
LEFT JOIN artifacts a ON t.id = a.task_id 
WHERE t.status = 'COMPLETED' AND a.id IS NULL;`

async function verify(): Promise<unknown[][]> {
  const { store } = kit.platform
  return [(await store.query(ORPHANS)).rows, (await store.query(STATUSES)).rows]
}

test("the procedure's own queries run as they are printed, name what is dirty, and nothing after a clean-up", async () => {
  const { store } = kit.platform
  await insertCompletedTask(kit.platform)
  expect(await verify()).toEqual([[], []])
  const [lost, orphan] = [executionOf(TASK, 'training_load'), executionOf(TASK, 'sql_validation')]
  await store.query(`delete from data_pipeline_task_outputs where execution_id = $1`, [lost])
  await store.query(`delete from data_pipeline_task_executions where execution_id = $1`, [orphan])
  expect(await verify()).toMatchObject([
    [{ task_id: orphan }, { task_id: orphan }],
    [{ id: lost, status: 'COMPLETED', agent_id: 'training_load', artifact_status: 'NO_ARTIFACT' }],
  ])
  await kit.send('POST', `/api/v1/ops/cleanup/${TASK}`, { body: { execute: true } })
  expect(await verify()).toEqual([[], []])
})
