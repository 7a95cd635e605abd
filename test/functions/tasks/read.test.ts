import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { clearStore, insertExecution, insertTask } from '../../support/store-factory.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'

const app = createApp(FUNCTIONS)
let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
beforeEach(() => clearStore(platform.store))
afterAll(() => platform[Symbol.asyncDispose]())

const get = (path: string, init: RequestInit = {}) => app.request(path, init, { platform })

test('a task is shown with its steps and what runs now', async () => {
  const taskId = await insertTask(platform.store, { status: 'in_progress', stepStatus: { ddl_generation: 'running' } })
  const executionId = await insertExecution(platform.store)
  const answer = await get(`/api/v0/data_pipeline/tasks/${taskId}`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    success: true,
    data: {
      task_id: taskId,
      task_type: 'data_workflow',
      status: 'in_progress',
      step_status: { ddl_generation: 'running', qa_generation: 'pending' },
      output_directory: `./data_pipeline/training_data/${taskId}`,
      created_at: '2025-06-27T14:30:52',
      completed_at: null,
      current_execution: { execution_id: executionId, step: 'ddl_generation', status: 'running' },
    },
  })
})

test('an unknown task is a problem in the caller’s language', async () => {
  const answer = await get('/api/v0/data_pipeline/tasks/task_unknown', { headers: { 'Accept-Language': 'en-GB,en' } })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(await answer.json()).toMatchObject({
    success: false,
    code: 'task_not_found',
    error: 'The task does not exist',
  })
})
