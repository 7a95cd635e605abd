import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { freePort } from '../../../local/drivers/free-port.ts'
import { bootIdNow, seeProcess } from '../../../local/supervisor/process-table.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PORTS = { first: 20_000 + (process.pid % 10_000), last: 32_000 } // no system gives these to clients
const SLOW = 180_000 // the first start on a machine makes the embedded databases

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let dataDir = ''
let port = 0 // of its own: a runner that comes back must find it free, whoever else listens in the meantime
let decoy: ChildProcess
beforeEach(async () => {
  folder = await temporaryFolder()
  dataDir = join(folder.path, 'data')
  await mkdir(dataDir)
  port = (await freePort('127.0.0.1', PORTS)) ?? 0
  decoy = spawn('sleep', ['600'], { stdio: 'ignore' })
})
afterEach(async () => {
  await helix('stop', '--timeout', '20', '--force')
  const ended = once(decoy, 'exit')
  decoy.kill('SIGKILL')
  await ended
  await folder[Symbol.asyncDispose]()
})

/** Runs a command on the data of this test, with nothing of the surroundings but the path. */
async function helix(...argv: string[]) {
  const env = {
    PATH: process.env.PATH ?? '',
    HELIX_DATA_DIR: dataDir,
    HELIX_FILES_ROOT: join(folder.path, 'files'),
    HELIX_LANGUAGE: 'en',
    API_PORT: String(port),
  }
  const world = fakeWorld(env)
  const code = await main(argv, world)
  return { code, ...world.written() }
}

async function json(...argv: string[]) {
  const { out, code } = await helix(...argv, '--json')
  return { code, ...JSON.parse(out) }
}

/** Writes a number into a process file, as somebody would by hand. */
async function editPid(name: string, pid: number): Promise<void> {
  const path = join(dataDir, name)
  await writeFile(path, (await readFile(path, 'utf8')).replace(/"pid":-?[\d.]+/, `"pid":${pid}`))
}

async function until<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (wanted(seen)) return seen
  }
}

const record = (pid: number, start: string | null = null) =>
  JSON.stringify({ pid, start, bootId: bootIdNow(), command: 'helix.js start', port: 8000 })

describe('where nothing runs', () => {
  test('status, stop and recover say so', async () => {
    expect(await json('status')).toMatchObject({ code: 1, status: 'stopped', pid: null, log: null, health: null })
    expect(await json('stop')).toMatchObject({ code: 0, status: 'stopped', pid: null })
    expect(await json('recover')).toMatchObject({ code: 0, steps: [], started: null })
    expect((await helix('status', '--lang', 'zh')).out).toContain('未运行')
  })
})

test('recover clears files and locks of processes that are gone, and leaves those of others', async () => {
  const gone = record(2 ** 30, '1').replace('helix.js start', 'helix.js run')
  const own = record(process.pid, seeProcess(process.pid)?.start)
  const files = { 'helix.pid': gone, 'helix.pid.lock': gone, 'supervisor.pid.lock': own, 'notes.pid.lock': gone }
  for (const [name, text] of Object.entries(files)) await writeFile(join(dataDir, name), text)
  const dry = await json('recover', '--dry-run')
  expect(dry.steps).toHaveLength(2)
  expect(await readdir(dataDir)).toHaveLength(4)
  expect(await json('recover')).toMatchObject({ code: 0, steps: dry.steps, started: null })
  expect((await readdir(dataDir)).toSorted()).toEqual(['notes.pid.lock', 'supervisor.pid.lock'])
})

describe('a process file that was edited by hand', () => {
  const pids: [string, () => number][] = [
    ['an unrelated process', () => decoy.pid ?? 0],
    ['the first process', () => 1],
    ['this process', () => process.pid],
    ['the parent of this process', () => process.ppid],
    ['a group of processes', () => -(decoy.pid ?? 0)],
    ['every process', () => -1],
    ['its own group', () => 0],
  ]

  test.each(pids)('to name %s makes stop and restart refuse', async (_, pid) => {
    const start = seeProcess(pid())?.start ?? '1'
    for (const text of [record(pid(), '1'), record(pid(), start), record(pid())]) {
      await writeFile(join(dataDir, 'helix.pid'), text)
      for (const command of [['stop', '--force', '--timeout', '1'], ['restart']]) {
        const { code, err, out } = await helix(...command)
        expect({ code, out }).toEqual({ code: 1, out: '' })
        expect(err).toContain('No process was touched')
      }
      expect(seeProcess(decoy.pid ?? 0)).not.toBeNull()
    }
  })

  test('to name another process that runs is told by status, with its command', async () => {
    await writeFile(join(dataDir, 'helix.pid'), record(decoy.pid ?? 0, '1'))
    const { err, out } = await helix('status')
    expect(out).toContain('stale')
    expect(err).toContain(`${decoy.pid} sleep 600`)
  })
})

test(
  'a runner in the background comes back after a kill, and its supervisor by recover; a decoy survives all of it',
  async () => {
    const started = await json('start', '--detach')
    expect(started).toMatchObject({ code: 0, status: 'running' })
    expect((await fetch(`${started.url}/api/v1/health`)).status).toBe(200)
    expect(await helix('start', '--detach')).toMatchObject({ code: 3 })
    const log = await readFile(started.log_file, 'utf8')
    expect(
      log
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event),
    ).toContain('runner.started')

    process.kill(started.pid, 'SIGKILL')
    const again = await until(
      () => json('status'),
      ({ pid, url }) => pid !== null && pid !== started.pid && url !== null,
    )
    expect(again).toMatchObject({ url: started.url, restarts: 1, last_crash: { signal: 'SIGKILL', exit_code: null } })

    await editPid('helix.pid', decoy.pid ?? 0)
    const mended = await json('recover')
    expect(mended).toMatchObject({ steps: [{ kind: 'mend-runner-file', pid: again.pid }], started: null })
    expect(await json('status')).toMatchObject({ code: 0, pid: again.pid, health: { status: 'healthy' } })

    process.kill(started.supervisor_pid, 'SIGKILL')
    await until(
      async () => seeProcess(started.supervisor_pid),
      (seen) => seen === null,
    )
    expect(await json('status')).toMatchObject({ code: 0, pid: again.pid, supervisor: null })
    const recovered = await json('recover')
    expect(recovered.steps.map(({ kind }: { kind: string }) => kind)).toEqual(['remove-file', 'stop-orphan', 'start'])
    expect(recovered.started).toMatchObject({ status: 'running', url: started.url })
    expect(seeProcess(again.pid)).toBeNull()
    expect(await json('recover')).toMatchObject({ steps: [] })

    const { pid, supervisor_pid: supervisor } = recovered.started
    expect(await json('stop')).toMatchObject({ code: 0, pid, supervisor_pid: supervisor, killed: false })
    expect([pid, supervisor].map(seeProcess)).toEqual([null, null])
    expect((await readdir(dataDir)).filter((name) => name.includes('.pid'))).toEqual([])
    expect(await json('status')).toMatchObject({ code: 1, status: 'stopped' })
    expect(seeProcess(decoy.pid ?? 0)).toMatchObject({ args: ['sleep', '600'] })
  },
  SLOW,
)

test(
  'a runner that is frozen is left alone by stop, and killed by stop --force',
  async () => {
    const { pid, supervisor_pid: supervisor } = await json('start', '--detach')
    process.kill(pid, 'SIGSTOP')
    expect(await helix('stop', '--timeout', '1')).toMatchObject({ code: 1, out: '' })
    expect([pid, supervisor].map((one) => seeProcess(one)?.pid)).toEqual([pid, supervisor])
    expect(await json('stop', '--timeout', '1', '--force')).toMatchObject({ code: 0, pid, killed: true })
    expect([pid, supervisor].map(seeProcess)).toEqual([null, null])
    expect(await json('status')).toMatchObject({ status: 'stopped' })
  },
  SLOW,
)

test(
  'a runner that is frozen is replaced by recover stage by stage, and one that is well is left as it is',
  async () => {
    const { pid, supervisor_pid: supervisor, url } = await json('start', '--detach')
    const outcomes = ({ stages }: { stages: { name: string; outcome: string }[] }) =>
      stages.map(({ name, outcome }) => `${name} ${outcome}`)
    const idle = ['clear', 'backup', 'stop', 'repair', 'start', 'verify'].map((name) => `${name} not_needed`)
    expect(outcomes(await json('recover'))).toEqual(['check done', ...idle])
    expect((await helix('recover')).out).toContain('nothing to recover')

    process.kill(pid, 'SIGSTOP')
    const recovered = await json('recover')
    expect(recovered.steps).toMatchObject([{ kind: 'stop-ill', pid, why: 'silent' }, { kind: 'start' }])
    const done = ['stop', 'backup', 'repair', 'start', 'verify'].map((name) => `${name} done`)
    expect(outcomes(recovered)).toEqual(['check done', 'clear not_needed', ...done])
    expect(recovered).toMatchObject({
      code: 0,
      before: [
        { role: 'supervisor', pid: supervisor },
        { role: 'runner', pid },
      ],
      after: [
        { role: 'supervisor', pid: recovered.started.supervisor_pid },
        { role: 'runner', pid: recovered.started.pid },
      ],
      started: { url },
      repair: { migrated: [], zombies_fixed: 0, dirty: { total: 0 } },
      health: 'healthy',
      components: { database: 'healthy' },
    })
    expect(await readdir(join(dataDir, 'backups'))).toHaveLength(1)
    expect([pid, supervisor].map(seeProcess)).toEqual([null, null])
    expect(seeProcess(decoy.pid ?? 0)).toMatchObject({ args: ['sleep', '600'] })
  },
  SLOW,
)

test('recover leaves a foreign process alone whose number is in the file of a runner, and names it', async () => {
  const text = record(decoy.pid ?? 0, '1').replace('helix.js start', 'helix.js run')
  await writeFile(join(dataDir, 'helix.pid'), text)
  const { code, err } = await helix('recover')
  expect(code).toBe(0)
  expect(err).toContain(`${decoy.pid} sleep 600`)
  expect(seeProcess(decoy.pid ?? 0)).toMatchObject({ args: ['sleep', '600'] })
})
