import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunnerProcess } from '../../support/runner-process.ts'
import { startRunner } from '../../support/runner-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const SLOW = 120_000 // the first run on a machine makes the embedded databases

interface Started {
  data: { task_id: string }
}

interface Executions {
  data: { executions: { step: string; status: string; attempt: number }[] }
}

interface Logs {
  data: { logs: { message: string }[] }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: Record<string, string>
let running: RunnerProcess[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
  const { path } = folder
  env = { HELIX_DATA_DIR: join(path, 'data'), HELIX_FILES_ROOT: join(path, 'files'), HELIX_LANGUAGE: 'en' }
})
afterEach(async () => {
  for (const runner of running) await runner.end('SIGKILL')
  running = []
  await folder[Symbol.asyncDispose]()
})

async function start(): Promise<RunnerProcess> {
  const runner = await startRunner(env)
  running.push(runner)
  return runner
}

test(
  'a runner that is killed in the middle of qa_generation goes on from its checkpoints when it starts again',
  async () => {
    const first = await start()
    const { data } = await first.post<Started>(`${TASKS}/execute-complete`, { db_name: 'highway_db' })
    await first.until(data.task_id, ({ progress }) => progress > 40)
    expect(await first.end('SIGKILL')).toBe('SIGKILL')

    const second = await start()
    const done = await second.until(data.task_id, ({ status }) => status === 'completed' || status === 'failed')
    expect(done).toMatchObject({ status: 'completed', progress: 100 })
    const { executions } = (await second.get<Executions>(`${TASKS}/${data.task_id}/executions`)).data
    expect(executions.map(({ step, status }) => `${step} ${status}`)).toEqual([
      'ddl_generation completed',
      'qa_generation completed',
      'sql_validation completed',
      'training_load completed',
    ])
    expect(executions.filter(({ attempt }) => attempt > 0)).toHaveLength(1)
    const { logs } = (await second.get<Logs>(`${TASKS}/${data.task_id}/logs?limit=1000&step=ddl_generation`)).data
    const tables = logs.map(({ message }) => message).filter((message) => message.startsWith('Reading table'))
    expect(new Set(tables).size).toBe(tables.length)
    expect(await second.end('SIGTERM')).toBe(0)
  },
  SLOW,
)

test(
  'a runner that is asked to stop keeps what is done and leaves the rest for its next start, as no failure',
  async () => {
    const first = await start()
    const { data } = await first.post<Started>(`${TASKS}/execute-complete`, { db_name: 'highway_db' })
    await first.until(data.task_id, ({ status }) => status === 'in_progress')
    expect(await first.end('SIGTERM')).toBe(0)
    expect(existsSync(join(env.HELIX_DATA_DIR ?? '', 'helix.pid'))).toBe(false)

    const second = await start()
    await second.until(data.task_id, ({ status }) => status === 'completed')
    const { executions } = (await second.get<Executions>(`${TASKS}/${data.task_id}/executions`)).data
    expect(executions.map(({ attempt }) => attempt)).toEqual([0, 0, 0, 0])
    expect(await second.end('SIGINT')).toBe(0)
  },
  SLOW,
)

test(
  'a second runner on the same data is refused, and says which one is alive',
  async () => {
    const first = await start()
    await expect(startRunner(env)).rejects.toThrow(`process ${first.pid}`)
    const record = JSON.parse(readFileSync(join(env.HELIX_DATA_DIR ?? '', 'helix.pid'), 'utf8'))
    expect(record).toMatchObject({ pid: first.pid, port: Number(new URL(first.url).port) })
  },
  SLOW,
)
