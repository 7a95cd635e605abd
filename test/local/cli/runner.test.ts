import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { FILES, PAIRS, QUALITY, runningTask, taskAnswer } from '../../support/cli-factory.ts'
import { type FakeRunner, type FakeScript, openFakeRunner } from '../../support/fake-api.ts'
import { type FakeWorld, fakeWorld } from '../../support/fake-world.ts'

const open: FakeRunner[] = []
afterEach(async () => {
  for (const runner of open.splice(0)) await runner.close()
})

/** Runs a command against a runner that answers by the script. */
async function helix(
  argv: string[],
  script: FakeScript,
  options: { tty?: boolean; stdin?: string; hungUp?: boolean } = {},
) {
  const runner = await openFakeRunner(script)
  open.push(runner)
  if (options.hungUp === true) await runner.hangUp()
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir }, options)
  worldOfTest = world
  const code = await main(argv, world)
  return { code, ...world.written(), requests: runner.requests, url: runner.url }
}
let worldOfTest: FakeWorld | null = null

const done: FakeScript = { states: [runningTask(), taskAnswer()], files: FILES, pairs: PAIRS }
const id = 'manual_20250627_143052'

describe('helix run', () => {
  test('starts a complete task and tells what it has produced', async () => {
    const { code, out, err, requests } = await helix(['run', '--source', 'shop'], done)
    expect(code).toBe(0)
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v0/data_pipeline/tasks/execute-complete',
      language: 'en',
      body: { task_type: 'complete_workflow', trigger: 'manual', db_name: 'shop' },
    })
    expect(err).toContain('DDL and documents: running\n')
    expect(err).toContain('Training load: completed\n')
    for (const text of [
      id,
      '2/2 (100 %)',
      '9/10 (90 %)',
      '3 (empty 3)',
      'SELECT COUNT(*) FROM orders',
      '各客户有多少订单？',
    ]) {
      expect(out).toContain(text)
    }
  })

  test('prints one document and nothing else with --json', async () => {
    const { code, out, err } = await helix(['run', '--json'], done)
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({
      task_id: id,
      status: 'completed',
      steps: { ddl_generation: 'completed', training_load: 'completed' },
      quality: QUALITY,
      files: [{ file_name: 'quality_report.json' }, { file_name: 'orders.ddl' }],
      output_directory: `./data_pipeline/training_data/${id}`,
      error: null,
    })
  })

  test('copies the files with --out', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'helix-cli-')), 'shop')
    const { code, out } = await helix(['run', '--out', folder], done)
    expect(code).toBe(0)
    expect((await readdir(folder)).toSorted()).toEqual(['orders.ddl', 'quality_report.json'])
    expect(await readFile(join(folder, 'orders.ddl'), 'utf8')).toBe(FILES['orders.ddl'])
    expect(out).toContain(folder)
  })

  test('takes tables from the command line, or from standard input', async () => {
    const listed = await helix(['run', '--tables', 'orders,"Order, Items"', '--tables', 'sales.x'], done)
    expect(listed.requests[0]?.body).toMatchObject({ table_list: ['orders', '"Order, Items"', 'sales.x'] })
    const piped = await helix(['run', '--tables-file', '-'], done, { stdin: 'orders\n# not this\nitems\n' })
    expect(piped.requests[0]?.body).toMatchObject({ table_list: ['orders', 'items'] })
  })

  test('draws bars on a terminal, in colour, in the language asked for', async () => {
    const { out, err } = await helix(['run', '--lang', 'zh'], done, { tty: true })
    expect(err).toContain('\u001b[4A')
    expect(err).toContain('DDL 与文档生成')
    expect(out).toContain('\u001b[32m已完成\u001b[39m')
  })

  test('tells of a task that failed, and how to go on', async () => {
    const error = { error_message: '无法连接数据源：Cannot reach shop', error_code: 'source_unreachable' }
    const { code, err } = await helix(['run'], { states: [runningTask(), taskAnswer({ status: 'failed', ...error })] })
    expect(code).toBe(1)
    expect(err).toContain('Error: The source does not answer: Cannot reach shop\n')
    expect(err).toContain(`helix resume ${id}`)
  })

  test('tells of a task that failed in the document too', async () => {
    const error = { error_message: 'broken', error_code: 'internal' }
    const { code, out } = await helix(['run', '--json'], { states: [taskAnswer({ status: 'failed', ...error })] })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', error: { code: 'internal', message: 'broken' } })
  })

  test.each([
    ['invalid_table_list', 422, 2],
    ['source_refused', 502, 4],
    ['concurrent_task', 409, 1],
  ])('that is refused with %s ends with %i', async (code, status, exitCode) => {
    const problem = { status, code, error: 'No.', hint: 'Try something else' }
    const answer = await helix(['run'], { problems: { 'POST /execute-complete': problem } })
    expect(answer.code).toBe(exitCode)
    expect(answer.err).toContain('Error: No.\nHint: Try something else\n')
  })

  test('refuses a source for this run only while a runner is alive, and says what to do', async () => {
    const { code, err, requests, url } = await helix(
      ['run', '--source', 'postgres://reader:secret@localhost/shop'],
      done,
    )
    expect([code, requests]).toEqual([2, []])
    expect(err).toContain(url)
    expect(err).toContain('HELIX_SOURCE_SHOP_URL')
    expect(err).not.toContain('secret')
  })

  test('cancels the task at Ctrl-C and says how to go on', async () => {
    const states = [runningTask(), runningTask(), runningTask(), taskAnswer({ status: 'cancelled' })]
    const onRequest: FakeScript['onRequest'] = ({ path }) => {
      if (path.endsWith('/executions')) worldOfTest?.send('SIGINT')
    }
    const { code, err, requests } = await helix(['run'], { states, onRequest })
    expect(code).toBe(130)
    expect(requests.some(({ path }) => path.endsWith('/cancel'))).toBe(true)
    expect(err).toContain(`Go on with: helix resume ${id}\n`)
    expect(worldOfTest?.ended.every((ended) => ended === 130)).toBe(true)
  })

  test('ends with 4 when the runner has gone', async () => {
    const { code, err } = await helix(['run'], done, { hungUp: true })
    expect(code).toBe(4)
    expect(err).toMatch(/The runner at http:\/\/127\.0\.0\.1:\d+ does not answer/)
  })
})

describe('helix resume', () => {
  test('goes on with a task and follows it', async () => {
    const { code, requests, out } = await helix(['resume', id], done)
    expect(code).toBe(0)
    expect(requests[0]?.path).toBe(`/api/v0/data_pipeline/tasks/${id}/resume`)
    expect(out).toContain('2/2 (100 %)')
  })

  test('joins a task that goes on already', async () => {
    const problem = { status: 409, code: 'step_running', error: 'It runs' }
    const { code } = await helix(['resume', id], { ...done, problems: { [`POST /${id}/resume`]: problem } })
    expect(code).toBe(0)
  })

  test('of a task that is done says so', async () => {
    const problem = { status: 409, code: 'task_final', error: 'All its steps are completed' }
    const { code, err } = await helix(['resume', id], { problems: { [`POST /${id}/resume`]: problem } })
    expect([code, err]).toEqual([1, 'Error: All its steps are completed\n'])
  })
})

describe('looking at tasks', () => {
  test('helix tasks lists them in columns', async () => {
    const { code, out } = await helix(['tasks'], done)
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, 2)).toEqual([
      'TASK                    STATUS       PROGRESS  DATABASE  CREATED',
      `${id}  in progress       0 %  shop      2025-06-27 14:30:52`,
    ])
  })

  test('helix tasks --json is a list', async () => {
    const { out } = await helix(['tasks', '--json'], done)
    expect(JSON.parse(out)).toMatchObject([{ task_id: id }, { task_id: id }])
  })

  test('helix task shows steps and files', async () => {
    const { out } = await helix(['task', id], { ...done, states: [taskAnswer()] })
    expect(out).toMatch(/Training load +completed +100 %/)
    expect(out).toContain('orders.ddl')
  })

  test('helix task of one that there is not ends with 1', async () => {
    const problem = { status: 404, code: 'task_not_found', error: 'The task does not exist' }
    const { code, err } = await helix(['task', 'nope'], { problems: { 'GET /nope': problem } })
    expect([code, err]).toEqual([1, 'Error: The task does not exist\n'])
  })

  test('helix cancel tells that a running step has still to stop', async () => {
    const { code, out } = await helix(['cancel', id], done)
    expect([code, out]).toEqual([0, `${id} was asked to stop; it does after the item in hand\n`])
  })
})

describe('helix logs', () => {
  const line = (number: number, level: string, step: string, message: string) => {
    return { id: number, timestamp: '2025-06-27T14:30:53', level, step_name: step, message }
  }
  const logs = [
    line(1, 'INFO', 'ddl_generation', 'Reading table orders'),
    line(2, 'ERROR', 'qa_generation', 'It broke\u001b[2J'),
  ]

  test('prints them, harmless to a terminal', async () => {
    const { out } = await helix(['logs', id], { logs })
    expect(out).toBe('2025-06-27 14:30:53 INFO    Reading table orders\n2025-06-27 14:30:53 ERROR   It broke\n')
  })

  test('-f follows them until the task is over, of one level if asked', async () => {
    const { code, out } = await helix(['logs', '-f', id, '--level', 'error', '--json'], { logs })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ level: 'ERROR', step_name: 'qa_generation' })
  })
})
