import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { imageOfFiles, insertCompletedTask } from '../../support/dirty-data-kit.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { clearStore, insertExecution, insertTask } from '../../support/store-factory.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'

const ONE = 'task_20250627_140000'
const OTHER = 'task_20250627_140001'
let platform: TestPlatform
let runner: FakeRunner

beforeAll(async () => {
  platform = await testPlatform()
  const app = createApp(FUNCTIONS)
  runner = await openFakeRunner({ fetch: (request) => app.request(request, undefined, { platform }) })
})
beforeEach(async () => {
  await clearStore(platform.store)
  await platform.files.delete((await platform.files.list('')).files.map(({ key }) => key))
  for (const id of [ONE, OTHER]) {
    await insertCompletedTask(platform, id)
    await platform.files.put(`${id}/stray.txt`, 'stray')
  }
})
afterAll(async () => {
  await runner.close()
  await platform[Symbol.asyncDispose]()
})

async function helix(argv: string[], stdin = '') {
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir, HELIX_LANGUAGE: 'zh' }, { stdin })
  return { code: await main(argv, world), ...world.written() }
}

const strays = async () => Object.keys(await imageOfFiles(platform)).filter((key) => key.endsWith('stray.txt'))

describe('helix scan', () => {
  test('says how many problems there are, and fails while there is any', async () => {
    const { code, out } = await helix(['scan'])
    expect([code, out.split('\n')[0]]).toEqual([1, '发现 2 个问题（B 类 2；已检查 2 个任务）'])
    expect((await helix(['scan', '--lang', 'en'])).out).toContain(
      "A file lies in a task's folder, and no row knows of it",
    )
    await platform.files.delete(await strays())
    expect(await helix(['scan'])).toEqual({ code: 0, out: '未发现问题（已检查 2 个任务）\n', err: '' })
  })
})

describe('helix cleanup', () => {
  test('shows the plan of each task and changes nothing', async () => {
    const { code, out } = await helix(['cleanup', ONE, OTHER])
    expect([code, out]).toEqual([0, expect.stringContaining(`删除 文件 ${OTHER}/stray.txt`)])
    expect(await strays()).toHaveLength(2)
  })

  test('asks before each task, and takes silence for a no', async () => {
    const { code, out, err } = await helix(['cleanup', ONE, OTHER, '--execute'], 'y\n')
    expect([code, out]).toEqual([0, expect.stringContaining('已清理并验证')])
    expect(err).toContain(`跳过 ${OTHER}`)
    expect(await strays()).toEqual([`${OTHER}/stray.txt`])
  })

  test('of many goes on after one that fails, and fails in the end', async () => {
    const { code, err } = await helix(['cleanup', 'none', ONE, OTHER, '--execute', '--yes', '--reason', 'tidy'])
    expect([code, err]).toEqual([1, expect.stringContaining('none: 任务不存在')])
    expect(await strays()).toEqual([])
    const { rows } = await platform.store.query('select reason from audit_log order by id')
    expect(rows).toEqual([{ reason: 'tidy' }, { reason: 'tidy' }])
  })

  test('is undone by helix rollback, and listed by helix cleanups', async () => {
    const done = await helix(['cleanup', ONE, '--execute', '--yes', '--json'])
    const [{ cleanup_id: id }] = JSON.parse(done.out) as [{ cleanup_id: string }]
    expect((await helix(['cleanups'])).out).toMatch(new RegExp(`${id} .*已清理`))
    expect(await helix(['rollback', id])).toMatchObject({ code: 0, out: expect.stringContaining('已按清理前恢复') })
    expect(await strays()).toHaveLength(2)
    expect(await helix(['rollback', id])).toMatchObject({
      code: 1,
      err: expect.stringContaining('rolled back already'),
    })
    expect((await helix(['cleanups'])).out).toContain('已回滚')
  })
})

describe('helix zombies', () => {
  test('detects and fixes what nobody works on', async () => {
    expect(await helix(['zombies', 'detect', '--json'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('"status": "clean"'),
    })
    const taskId = await insertTask(platform.store, {
      status: 'in_progress',
      stepStatus: { ddl_generation: 'running' },
    })
    await insertExecution(platform.store, { taskId, claim: 4, createdAt: new Date('2025-06-27T05:00:00Z') })
    expect(await helix(['zombies', 'detect'])).toMatchObject({ code: 1, out: expect.stringContaining('长时间无心跳') })
    expect((await helix(['zombies', 'fix'])).out).toContain('发现 1 个僵尸任务，已修复 1 个')
    expect(await helix(['zombies', 'detect'])).toMatchObject({ code: 0, out: '没有僵尸任务\n' })
  })
})
