import { describe, expect, test } from 'vitest'
import { cancelTask } from '../../../shared/engine/cancel-task.ts'
import { listExecutions } from '../../../shared/engine/execution.ts'
import { sendMessages } from '../../../shared/engine/messages.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { resumeTask } from '../../../shared/engine/start-run.ts'
import { requireTask } from '../../../shared/engine/task.ts'
import { readText } from '../../../shared/platform/files.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { deliverAll, engineKit, gate, newRun, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'

const kit = engineKit()

describe('failures', () => {
  const failing = (code: 'source_unreachable' | 'source_refused'): StepWork => {
    return async () => {
      throw new Problem(code, 'the source said no')
    }
  }

  test('that may pass are tried three times with growing pauses, then the task fails', async () => {
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: failing('source_unreachable') }) })
    const { task } = await newRun(platform)
    expect(await deliverAll(platform)).toEqual([200, 200, 200])
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({
      status: 'failed',
      attempt: 3,
      errorCode: 'source_unreachable',
    })
    expect(await requireTask(kit.store, task.id)).toMatchObject({
      status: 'failed',
      errorCode: 'source_unreachable',
      errorMessage: 'The source does not answer: the source said no', // the task speaks English
    })
  })

  test('that will not pass are not tried again, and a resume starts the step anew', async () => {
    let refuse = true
    const work: StepWork = async (...given) => {
      if (refuse) return await failing('source_refused')(...given)
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ qa_generation: work }) })
    const { task } = await newRun(platform)
    await deliverAll(platform)
    expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'failed', progress: 40 })
    refuse = false
    const run = await kit.store.transaction((tx) => resumeTask(platform, tx, task.id))
    expect(run.execution.step).toBe('qa_generation')
    await sendMessages(platform, run.messages)
    await deliverAll(platform)
    expect(await requireTask(kit.store, task.id)).toMatchObject({
      status: 'completed',
      progress: 100,
      errorMessage: null,
    })
  })

  test('to write a required file count as failures', async () => {
    const work: StepWork = async () => ({ result: {}, required: ['metadata.txt'] })
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await deliverAll(platform)
    expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'failed', errorCode: 'missing_output' })
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
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    const delivered = deliverAll(platform)
    for (let progress = 0; progress < 20; ) {
      await platform.clock.advance(1000)
      progress = (await requireTask(kit.store, task.id)).progress
    }
    const { rows } = await kit.store.query(`select from data_pipeline_task_logs where message = 'item a'`)
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
        async (item, { signal }) => {
          worked.push(item)
          if (item === 'a') await held.passed
          // Writing down that the first one is done tells of the cancellation.
          else await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
        { concurrency: 1 },
      )
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }) })
    const { task } = await newRun(platform)
    const delivered = deliverAll(platform)
    while (worked.length === 0) await platform.clock.advance(0)
    expect(await cancelTask(platform, task.id)).toMatchObject({ requested: true })
    held.open()
    while (!worked.includes('b')) await platform.clock.advance(0)
    await platform.clock.advance(1_000)
    expect(await delivered).toEqual([200])
    expect(worked).toEqual(['a', 'b'])
    expect(await requireTask(kit.store, task.id)).toMatchObject({
      status: 'cancelled',
      stepStatus: { ddl_generation: 'cancelled' },
    })
    expect(JSON.parse((await readText(platform.files, `${task.id}/task_result.json`)) ?? '{}')).toMatchObject({
      status: 'cancelled',
    })
  })

  test('keeps the lines and checkpoints of a step that was cancelled while it ended', async () => {
    const work: StepWork = async (context) => {
      await context.forEachItem(
        ['a'],
        (item) => item,
        async () => context.log('INFO', { zh: 'item a', en: 'item a' }),
      )
      expect(await cancelTask(platform, context.task.id)).toMatchObject({ requested: true })
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }) })
    const { task } = await newRun(platform)
    expect(await deliverAll(platform)).toEqual([200])
    expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'cancelled' })
    const lines = await kit.store.query(`select from data_pipeline_task_logs where message = 'item a'`)
    expect(lines.rows).toHaveLength(1)
    const { rows } = await kit.store.query(`select item from task_checkpoints where task_id = $1`, [task.id])
    expect(rows).toEqual([{ item: 'a' }])
  })

  test('that takes longer than its limit is aborted and counts as failed', async () => {
    const started = gate()
    const work: StepWork = async (context) => {
      started.open()
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)))
      return { result: {}, required: [] }
    }
    const platform = await kit.open({
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
      status = (await listExecutions(kit.store, task.id))[0]?.status ?? ''
    }
    expect((await delivered).status).toBe(200)
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({
      status: 'queued',
      attempt: 1,
      errorCode: 'step_timeout',
    })
  })
})
