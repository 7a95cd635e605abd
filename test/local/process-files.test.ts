import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AlreadyRunning, holdProcessFile, readProcessFile } from '../../local/drivers/process-files.ts'
import { isAlive } from '../../local/drivers/process-identity.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const DEAD_PID = 2 ** 30 // beyond any system's limit

describe('holdProcessFile', () => {
  test('is refused while a living process holds the file, and says which', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'new', 'helix.pid')
    const held = await holdProcessFile(path)
    await held.publish(8042)
    const second = holdProcessFile(path)
    await expect(second).rejects.toThrow(AlreadyRunning)
    await expect(second).rejects.toThrow(`process ${process.pid} on port 8042`)
    expect(await readProcessFile(path)).toMatchObject({ pid: process.pid, port: 8042 })
    await held.release()
    expect(await readProcessFile(path)).toBeNull()
    await (await holdProcessFile(path)).release()
    expect(await readdir(join(folder.path, 'new'))).toEqual([])
  })

  test.each([
    ['whose process is gone', { pid: DEAD_PID, start: '1', bootId: null }],
    ['whose number another process has now', { pid: process.pid, start: 'long ago', bootId: null }],
    ['from before the last boot', { pid: process.pid, start: null, bootId: 'another boot' }],
  ])('replaces a file %s', async (_, identity) => {
    if (identity.bootId !== null && process.platform !== 'linux') return
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    await writeFile(path, JSON.stringify({ ...identity, command: 'helix start', port: 8000 }))
    expect(await readProcessFile(path)).toBeNull()
    const held = await holdProcessFile(path)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, port: null })
    await held.release()
  })

  test.each(['', '{"pid": 1', 'null', '{"pid": "1"}'])('replaces a file that says nothing: %j', async (text) => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    await writeFile(path, text)
    await (await holdProcessFile(path)).release()
    expect(await readdir(folder.path)).toEqual([])
  })

  test('lets one of many win a stale file', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    await writeFile(path, JSON.stringify({ pid: DEAD_PID, start: '1', bootId: null, command: '', port: null }))
    const takes = await Promise.allSettled(Array.from({ length: 10 }, () => holdProcessFile(path)))
    expect(takes.filter((take) => take.status === 'fulfilled').length).toBe(1)
    expect(await readdir(folder.path)).toEqual(['helix.pid'])
  })

  test('leaves a file alone that has become another process’s', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    const held = await holdProcessFile(path)
    const other = JSON.stringify({ pid: DEAD_PID, start: '1', bootId: null, command: '', port: null })
    await writeFile(path, other)
    await expect(held.publish(8000)).rejects.toThrow(AlreadyRunning)
    await held.release()
    expect(await readFile(path, 'utf8')).toBe(other)
  })

  test('shows no password of the command line', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    const given = process.argv
    process.argv = ['node', '/opt/helix/helix.js', 'run', '--source=postgres://app:s3cret@db/shop']
    const held = await holdProcessFile(path).finally(() => {
      process.argv = given
    })
    const text = await readFile(path, 'utf8')
    await held.release()
    expect(JSON.parse(text)).toMatchObject({ command: 'helix.js run' })
    expect(text).not.toContain('s3cret')
  })
})

test('a process is alive until it is killed', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); process.stdout.write("up")'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  const identity = { pid: child.pid ?? 0, start: null, bootId: null }
  expect(await isAlive(identity)).toBe(true)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(await isAlive(identity)).toBe(false)
})
