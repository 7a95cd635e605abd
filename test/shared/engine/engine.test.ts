import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cancelTask } from '../../../shared/engine/cancel-task.ts'
import { deleteTask } from '../../../shared/engine/delete-task.ts'
import { findExecution, listExecutions } from '../../../shared/engine/execution.ts'
import { claimExecution, LEASE_MS, lapseFormerLeases } from '../../../shared/engine/lease.ts'
import { sendMessages } from '../../../shared/engine/messages.ts'
import { listOutputs } from '../../../shared/engine/outputs.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { resumeTask } from '../../../shared/engine/start-run.ts'
import { sweepZombies } from '../../../shared/engine/sweep.ts'
import { requireTask } from '../../../shared/engine/task.ts'
import { readText } from '../../../shared/platform/files.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { deliverAll, gate, newTask, startAll, startOne, stepsWith } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { type TestPlatformOptions, testPlatform } from '../../support/test-platform.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  await store.query('truncate data_pipeline_tasks, idempotency_keys, leases restart identity cascade')
})

const open = (options: TestPlatformOptions = {}) => testPlatform({ store, ...options })

describe('a complete run', () => {
  test('hands the work from step to step without a further message and ends completed', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    const run = await startAll(platform, task.id)
    expect(run.runId).toBe(`${task.id}_step_complete_exec_20250627143052`)
    expect(platform.sent).toHaveLength(1)
    expect(await deliverAll(platform)).toEqual([200])
    const done = await requireTask(store, task.id)
    expect(done).toMatchObject({ status: 'completed', progress: 100, errorMessage: null })
    const executions = await listExecutions(store, task.id)
    expect(executions.map(({ step, status, claim, runId }) => [step, status, claim, runId === run.runId])).toEqual([
      ['ddl_generation', 'completed', 1, true],
      ['qa_generation', 'completed', 1, true],
      ['sql_validation', 'completed', 1, true],
      ['training_load', 'completed', 1, true],
    ])
  })

  test('leaves a result file, log lines in the table and the same lines in the log file', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    await deliverAll(platform)
    const result = JSON.parse((await readText(platform.files, `${task.id}/task_result.json`)) ?? '{}')
    expect(result).toMatchObject({ task_id: task.id, status: 'completed' })
    const { rows } = await store.query<{ message: string }>('select message from data_pipeline_task_logs order by id')
    const file = (await readText(platform.files, `${task.id}/data_pipeline.log`)) ?? ''
    expect(rows).toHaveLength(8)
    for (const { message } of rows) expect(file).toContain(message)
    expect(file).toMatch(/^2025-06-27 14:30:52 \[INFO\] DDLMDGenerator: Step started: DDL and documents$/m)
  })

  test('feeds each change to the task’s events in order', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    await deliverAll(platform)
    const { rows } = await store.query<{ seq: number; status: string; progress: number }>(
      `select seq, data->>'status' as status, (data->>'progress')::int as progress from task_events where task_id = $1 order by seq`,
      [task.id],
    )
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1))
    expect(rows.map(({ progress }) => progress)).toEqual(rows.map(({ progress }) => progress).toSorted((a, b) => a - b))
    expect(rows.at(-1)).toMatchObject({ status: 'completed', progress: 100 })
  })
})

describe('messages', () => {
  test('that come twice are worked once', async () => {
    let worked = 0
    const work: StepWork = async () => {
      worked += 1
      return { result: {}, required: [] }
    }
    const platform = await open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    platform.sent.push(...platform.sent)
    expect(await deliverAll(platform)).toEqual([200, 409])
    expect(worked).toBe(1)
  })

  test('that are all lost are sent again by the sweep', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    platform.sent.length = 0
    await platform.clock.advance(LEASE_MS)
    expect(await sweepZombies(platform)).toMatchObject({ resent: 1, requeued: 0 })
    expect(await deliverAll(platform)).toEqual([200])
    expect(await requireTask(store, task.id)).toMatchObject({ status: 'partial_completed', progress: 40 })
    expect((await listExecutions(store, task.id))[0]).toMatchObject({ attempt: 0, status: 'completed' })
  })

  test('for a task that was deleted are acknowledged as stale', async () => {
    const platform = await open({ functions: stepsWith() })
    const answer = await platform.dispatch({ function: 'ddl-generation', body: { execution_id: 'gone', claim: 0 } })
    expect(answer.status).toBe(409)
  })

  test('that are no messages are poison', async () => {
    const platform = await open({ functions: stepsWith() })
    expect((await platform.dispatch({ function: 'ddl-generation', body: { claim: -1 } })).status).toBe(400)
  })
})

describe('checkpoints', () => {
  const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

  test('let a step go on where the process that was asked to stop left it', async () => {
    const worked: string[] = []
    const first = await open({ workerId: 'test:1' })
    const work: StepWork = async (context) => {
      const results = await context.forEachItem(
        items,
        (item) => item,
        async (item, { writeFile }) => {
          worked.push(item)
          await writeFile(`${item}.ddl`, `-- ${item}`, { type: 'ddl' })
          if (worked.length >= 3) first.stop()
          return item.toUpperCase()
        },
      )
      return { result: { letters: results.join('') }, required: items.map((item) => `${item}.ddl`) }
    }
    const functions = stepsWith({ ddl_generation: work })
    const stopped = await open({ functions, stopping: first.stopping, files: first.files })
    const task = await newTask(stopped)
    await startOne(stopped, task.id, 'ddl_generation')
    expect(await deliverAll({ ...stopped, sent: stopped.sent.splice(0, 1) })).toEqual([200])
    expect(await requireTask(store, task.id)).toMatchObject({
      status: 'in_progress',
      stepStatus: { ddl_generation: 'queued' },
    })
    const before = worked.length
    expect(before).toBeLessThan(items.length)

    const second = await open({ functions, workerId: 'test:2', files: first.files })
    await sweepZombies(second, 0)
    expect(await deliverAll(second)).toEqual([200])
    expect(worked.toSorted()).toEqual(items)
    const [execution] = await listExecutions(store, task.id)
    expect(execution).toMatchObject({ status: 'completed', attempt: 0, claim: 2, result: { letters: 'ABCDEFGH' } })
    expect((await listOutputs(store, task.id)).filter(({ fileType }) => fileType === 'ddl')).toHaveLength(items.length)
  })

  test('are removed with the files by a re-run with clean_previous, and later steps are pending again', async () => {
    let round = 0
    const work: StepWork = async (context) => {
      round += 1
      const names = round === 1 ? ['old', 'both'] : ['both']
      await context.forEachItem(
        names,
        (name) => name,
        async (name, { writeFile }) => {
          await writeFile(`${name}.ddl`, `-- round ${round}`, { type: 'ddl' })
        },
      )
      return { result: { round }, required: [] }
    }
    const other: StepWork = async (context) => {
      await context.writeFile('qs_shop_pair.json', '[]', { type: 'json' })
      return { result: {}, required: [] }
    }
    const platform = await open({ functions: stepsWith({ ddl_generation: work, qa_generation: other }) })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    await deliverAll(platform)
    await startOne(platform, task.id, 'ddl_generation', { clean: true })
    await deliverAll(platform)
    const names = (await listOutputs(store, task.id)).map(({ fileName }) => fileName)
    expect(names).toContain('qs_shop_pair.json')
    expect(names).not.toContain('old.ddl')
    expect(await platform.files.head(`${task.id}/old.ddl`)).toBeNull()
    expect(await readText(platform.files, `${task.id}/both.ddl`)).toBe('-- round 2')
    expect(await requireTask(store, task.id)).toMatchObject({
      status: 'partial_completed',
      progress: 40,
      stepStatus: { ddl_generation: 'completed', qa_generation: 'pending', training_load: 'pending' },
    })
  })
})

describe('failures', () => {
  const failing = (code: 'source_unreachable' | 'source_refused'): StepWork => {
    return async () => {
      throw new Problem(code, 'the source said no')
    }
  }

  test('that may pass are tried three times with growing pauses, then the task fails', async () => {
    const platform = await open({ functions: stepsWith({ ddl_generation: failing('source_unreachable') }) })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    expect(await deliverAll(platform)).toEqual([200, 200, 200])
    expect((await listExecutions(store, task.id))[0]).toMatchObject({
      status: 'failed',
      attempt: 3,
      errorCode: 'source_unreachable',
    })
    expect(await requireTask(store, task.id)).toMatchObject({ status: 'failed', errorCode: 'source_unreachable' })
  })

  test('that will not pass are not tried again, and a resume starts the step anew', async () => {
    let refuse = true
    const work: StepWork = async (...given) => {
      if (refuse) return await failing('source_refused')(...given)
      return { result: {}, required: [] }
    }
    const platform = await open({ functions: stepsWith({ qa_generation: work }) })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    await deliverAll(platform)
    expect(await requireTask(store, task.id)).toMatchObject({ status: 'failed', progress: 40 })
    refuse = false
    const run = await store.transaction((tx) => resumeTask(platform, tx, task.id))
    expect(run.execution.step).toBe('qa_generation')
    await sendMessages(platform, run.messages)
    await deliverAll(platform)
    expect(await requireTask(store, task.id)).toMatchObject({ status: 'completed', progress: 100, errorMessage: null })
  })

  test('to write a required file count as failures', async () => {
    const work: StepWork = async () => ({ result: {}, required: ['metadata.txt'] })
    const platform = await open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await deliverAll(platform)
    expect(await requireTask(store, task.id)).toMatchObject({ status: 'failed', errorCode: 'missing_output' })
  })
})

describe('a lease', () => {
  test('that lapsed is taken over, and its former holder can change nothing', async () => {
    const clock = manualClock()
    const held = gate()
    let late: unknown
    const slow: StepWork = async (context) => {
      await held.passed
      await context.writeFile('late.ddl', 'late', { type: 'ddl' }).catch((error: unknown) => {
        late = error
        throw error
      })
      return { result: { by: 'the first' }, required: [] }
    }
    const quick: StepWork = async () => ({ result: { by: 'the second' }, required: [] })
    // The first worker's clock stands still: it neither reports nor notices.
    const frozen = await open({
      functions: stepsWith({ ddl_generation: slow }),
      clock: manualClock(),
      workerId: 'frozen:1',
    })
    const living = await open({
      functions: stepsWith({ ddl_generation: quick }),
      clock,
      workerId: 'living:1',
      files: frozen.files,
    })
    const task = await newTask(frozen)
    await startOne(frozen, task.id, 'ddl_generation')
    const [message] = frozen.sent
    if (message === undefined) throw new Error('no message was sent')
    const first = frozen.dispatch(message)
    await clock.advance(LEASE_MS + 1000)
    while ((await listExecutions(store, task.id))[0]?.claim !== 1) await clock.advance(0)
    expect(await sweepZombies(living)).toMatchObject({ requeued: 1 })
    await deliverAll(living)
    expect((await listExecutions(store, task.id))[0]).toMatchObject({
      status: 'completed',
      result: { by: 'the second' },
      attempt: 1,
    })
    await frozen.clock.advance(0)
    held.open()
    expect((await first).status).toBe(409)
    expect(late).toBeUndefined()
    expect((await listExecutions(store, task.id))[0]).toMatchObject({
      status: 'completed',
      result: { by: 'the second' },
    })
  })

  test('of a former process of the same installation ends at once', async () => {
    const platform = await open({ functions: stepsWith(), workerId: 'house_1:first' })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const wanted = { executionId: execution.executionId, claim: 0 }
    await claimExecution(store, wanted, platform.workerId, platform.clock.now())
    expect(await lapseFormerLeases(store, 'houseX1', 'houseX1:second', platform.clock.now())).toBe(0)
    expect(await lapseFormerLeases(store, 'house_1', 'house_1:second', platform.clock.now())).toBe(1)
    expect(await sweepZombies(platform)).toMatchObject({ requeued: 1 })
  })

  test('can be claimed by one worker only', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const wanted = { executionId: execution.executionId, claim: 0 }
    const answers = await Promise.all(
      ['a:1', 'b:1', 'c:1'].map((worker) => claimExecution(store, wanted, worker, platform.clock.now())),
    )
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['claimed', 'stale', 'stale'])
  })
})

describe('a step under way', () => {
  test('reports its progress and its log lines while it works', async () => {
    const held = gate()
    const work: StepWork = async (context) => {
      await context.forEachItem(
        ['a', 'b'],
        (item) => item,
        async (item) => {
          if (item === 'b') await held.passed
          context.log('INFO', { zh: item, en: `item ${item}` })
        },
      )
      return { result: {}, required: [] }
    }
    const platform = await open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    const delivered = deliverAll(platform)
    for (let progress = 0; progress < 20; ) {
      await platform.clock.advance(1000)
      progress = (await requireTask(store, task.id)).progress
    }
    const { rows } = await store.query(`select from data_pipeline_task_logs where message = 'item a'`)
    expect(rows).toHaveLength(1)
    held.open()
    expect(await delivered).toEqual([200])
  })

  test('stops between two items when its task is cancelled', async () => {
    const held = gate()
    const worked: string[] = []
    const work: StepWork = async (context) => {
      await context.forEachItem(
        ['a', 'b', 'c'],
        (item) => item,
        async (item) => {
          worked.push(item)
          await held.passed
        },
        { concurrency: 1 },
      )
      return { result: {}, required: [] }
    }
    const platform = await open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    const delivered = deliverAll(platform)
    while (worked.length === 0) await platform.clock.advance(0)
    expect(await cancelTask(platform, task.id)).toMatchObject({ requested: true })
    held.open()
    expect(await delivered).toEqual([200])
    expect(worked).toEqual(['a'])
    expect(await requireTask(store, task.id)).toMatchObject({
      status: 'cancelled',
      stepStatus: { ddl_generation: 'cancelled' },
    })
    expect(JSON.parse((await readText(platform.files, `${task.id}/task_result.json`)) ?? '{}')).toMatchObject({
      status: 'cancelled',
    })
  })

  test('that takes longer than its limit is aborted and counts as failed', async () => {
    const started = gate()
    const work: StepWork = async (context) => {
      started.open()
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)))
      return { result: {}, required: [] }
    }
    const platform = await open({
      functions: stepsWith({ ddl_generation: work }),
      env: { HELIX_STEP_TIMEOUT_MINUTES: '1' },
    })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    const [message] = platform.sent.splice(0)
    if (message === undefined) throw new Error('no message was sent')
    const delivered = platform.dispatch(message)
    await started.passed
    for (let status = 'running'; status === 'running'; ) {
      await platform.clock.advance(1000)
      status = (await listExecutions(store, task.id))[0]?.status ?? ''
    }
    expect((await delivered).status).toBe(200)
    expect((await listExecutions(store, task.id))[0]).toMatchObject({
      status: 'queued',
      attempt: 1,
      errorCode: 'step_timeout',
    })
  })
})

describe('starting', () => {
  test('a second step of a task is refused while one is under way', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await expect(startOne(platform, task.id, 'ddl_generation')).rejects.toMatchObject({ code: 'step_running' })
  })

  test('a step whose dependency is unmet is refused by name, unless it is forced', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await expect(startOne(platform, task.id, 'sql_validation')).rejects.toMatchObject({
      code: 'step_dependency_unmet',
      message: expect.stringContaining('qa_generation'),
    })
    const forced = await startOne(platform, task.id, 'sql_validation', { force: true })
    expect(forced.execution).toMatchObject({ status: 'running', forceExecuted: true })
  })

  test('any second task is refused in serial mode', async () => {
    const platform = await open({ functions: stepsWith(), env: { HELIX_CONCURRENCY_MODE: 'serial' } })
    const [one, other] = [await newTask(platform), await newTask(platform, { source: 'other' })]
    await startOne(platform, one.id, 'ddl_generation')
    await expect(startOne(platform, other.id, 'ddl_generation')).rejects.toMatchObject({ code: 'concurrent_task' })
    expect(await listExecutions(store, other.id)).toEqual([])
  })

  test('a second task of a source waits in mixed mode, by priority, and starts when the first has ended', async () => {
    const platform = await open({ functions: stepsWith() })
    const first = await newTask(platform)
    const low = await newTask(platform, { priority: -1 })
    const high = await newTask(platform, { priority: 5 })
    const elsewhere = await newTask(platform, { source: 'other' })
    const runs = []
    for (const task of [first, low, high, elsewhere]) runs.push(await startAll(platform, task.id))
    expect(runs.map(({ execution }) => execution.status)).toEqual(['running', 'queued', 'queued', 'running'])
    const order: string[] = []
    for (const { execution } of runs) expect((await findExecution(store, execution.executionId))?.claim).toBe(0)
    await deliverAll(platform)
    for (const { event, fields } of platform.logged) if (event === 'task.finished') order.push(String(fields.taskId))
    expect(order.filter((id) => id !== elsewhere.id)).toEqual([first.id, high.id, low.id])
  })

  test('at most as many tasks run as the setting says, in parallel mode', async () => {
    const env = { HELIX_CONCURRENCY_MODE: 'parallel', HELIX_MAX_RUNNING_TASKS: '2' }
    const platform = await open({ functions: stepsWith(), env })
    const statuses = []
    for (let count = 0; count < 4; count += 1) {
      const task = await newTask(platform)
      statuses.push((await startAll(platform, task.id)).execution.status)
    }
    expect(statuses).toEqual(['running', 'running', 'queued', 'queued'])
    await deliverAll(platform)
    const { rows } = await store.query<{ status: string }>('select distinct status from data_pipeline_tasks')
    expect(rows).toEqual([{ status: 'completed' }])
  })
})

describe('tasks', () => {
  test('of the same second get ids of their own', async () => {
    const platform = await open()
    const ids = []
    for (let count = 0; count < 4; count += 1) ids.push((await newTask(platform)).id)
    expect(ids).toEqual([
      'task_20250627_143052',
      'task_20250627_143052_2',
      'task_20250627_143052_3',
      'task_20250627_143052_4',
    ])
  })

  test('whose directory can’t be written are not created', async () => {
    const whole = await open()
    const files = {
      ...whole.files,
      put: async () => {
        throw new Problem('files_unavailable', 'the disk is full')
      },
    }
    const platform = await open({ files })
    await expect(newTask(platform)).rejects.toMatchObject({ code: 'files_unavailable' })
    expect((await store.query('select from data_pipeline_tasks')).rowCount).toBe(0)
  })

  test('that wait are cancelled at once, and those that have ended can’t be', async () => {
    const platform = await open({ functions: stepsWith() })
    const [first, second] = [await newTask(platform), await newTask(platform)]
    await startAll(platform, first.id)
    await startAll(platform, second.id)
    expect(await cancelTask(platform, second.id)).toMatchObject({ requested: false, task: { status: 'cancelled' } })
    await expect(cancelTask(platform, second.id)).rejects.toMatchObject({ code: 'task_final' })
  })

  test('are deleted with all their rows and files, but not while they run', async () => {
    const platform = await open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startAll(platform, task.id)
    await expect(deleteTask(platform, task.id)).rejects.toMatchObject({ code: 'step_running' })
    await deliverAll(platform)
    expect(await deleteTask(platform, task.id)).toBe(3)
    expect(await platform.files.list(task.id)).toMatchObject({ files: [] })
    expect((await store.query('select from data_pipeline_task_logs')).rowCount).toBe(0)
  })
})
