import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProcessRecord } from '../../../local/drivers/process-files.ts'
import { bootIdNow, type SeenProcess, seeProcess } from '../../../local/supervisor/process-table.ts'
import { type Facts, judge, signalRecorded, standingOf } from '../../../local/supervisor/standing.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const FILE = '/srv/helix/.helix/helix.pid'
const record: ProcessRecord = {
  pid: 4711,
  start: '100',
  bootId: 'boot',
  command: 'helix.js start',
  port: 8000,
  path: FILE,
}
const seen: SeenProcess = {
  pid: 4711,
  parent: 1,
  owner: 1000,
  start: '100',
  args: ['/usr/bin/node', '/opt/helix/local/cli/helix.js', 'start', '--port', '8000'],
}
const sshd = { ...seen, owner: 0, args: ['sshd: /usr/sbin/sshd -D'] }
const facts: Facts = {
  role: 'runner',
  path: FILE,
  text: '',
  record,
  seen,
  bootId: 'boot',
  user: 1000,
  ancestors: [900, 800, 1],
}

function verdict(changes: Partial<Facts>): string {
  const standing = judge({ ...facts, ...changes })
  return 'why' in standing ? `${standing.kind}: ${standing.why}` : standing.kind
}

describe('a recorded process', () => {
  test('is the one that may be signalled when number, start, boot, owner, command and place are its own', () => {
    expect(verdict({})).toBe('running')
  })

  test.each<[string, Partial<Facts>, string]>([
    ['has ended', { seen: null }, 'stale: gone'],
    ['ran before the last boot', { bootId: 'another' }, 'stale: rebooted'],
    ['gave its number to the SSH server', { seen: { ...sshd, start: '200' } }, 'stale: reused'],
    ['is the SSH server, by a record that fits it', { seen: { ...sshd, owner: 1000 } }, 'stale: foreign'],
    ['belongs to another user', { seen: sshd }, 'refused: other-user'],
    ['is init', { record: { ...record, pid: 1 } }, 'refused: init'],
    ['is the shell that runs this command', { record: { ...record, pid: 900 } }, 'refused: ancestor'],
    ['has number 0', { record: { ...record, pid: 0 } }, 'stale: unreadable'],
    ['has a negative number, which would be a group', { record: { ...record, pid: -4711 } }, 'stale: unreadable'],
    ['has half a number', { record: { ...record, pid: 4711.5 } }, 'stale: unreadable'],
    ['has no number', { record: null }, 'stale: unreadable'],
    ['does not say when it started', { record: { ...record, start: null } }, 'refused: unidentified'],
    ['does not say in which boot', { record: { ...record, bootId: null } }, 'refused: unidentified'],
    ['was recorded in another folder', { path: '/srv/copy/.helix/helix.pid' }, 'refused: copied'],
    [
      'is another command of Helix',
      {
        record: { ...record, command: 'helix.js run' },
        seen: { ...seen, args: ['node', '/opt/helix/helix.js', 'run'] },
      },
      'refused: other-work',
    ],
    [
      'is a supervisor in the file of a runner',
      { seen: { ...seen, args: [...seen.args, '--supervise'] } },
      'refused: other-work',
    ],
    [
      'is an editor with a file of that name open',
      { seen: { ...seen, args: ['vi', '/opt/helix/local/cli/helix.js'] } },
      'stale: foreign',
    ],
  ])('that %s is not', (_, changes, expected) => {
    expect(verdict(changes)).toBe(expected)
  })
})

describe('a signal', () => {
  test('does not reach a living process that is not the recorded one', async () => {
    const decoy = spawn('sleep', ['600'], { stdio: 'ignore' })
    const ended = once(decoy, 'exit')
    const pid = decoy.pid ?? 0
    const { start = null } = seeProcess(pid) ?? {}
    for (const lie of [
      { ...record, pid, path: null },
      { ...record, pid, start, bootId: bootIdNow(), path: null },
      { ...record, pid: -pid, start, bootId: bootIdNow(), path: null },
    ]) {
      expect(signalRecorded(lie, 'runner', 'SIGKILL').kind).toBe('stale')
    }
    expect(seeProcess(pid)).toMatchObject({ pid, args: ['sleep', '600'] })
    decoy.kill('SIGKILL')
    await ended
    expect(seeProcess(pid)).toBeNull()
  })

  test('ends the recorded process and not its neighbours', async () => {
    await using folder = await temporaryFolder()
    const script = join(folder.path, 'helix.js')
    await writeFile(script, 'process.stdout.write("up"); setInterval(() => {}, 1000)')
    const [target, neighbour] = [0, 1].map(() =>
      spawn(process.execPath, [script, 'start'], { stdio: ['ignore', 'pipe', 'ignore'] }),
    )
    if (target?.stdout == null || neighbour?.stdout == null) throw new Error('They have no output')
    await Promise.all([once(target.stdout, 'data'), once(neighbour.stdout, 'data')])
    const ended = once(target, 'exit')
    const pid = target.pid ?? 0
    const own = { ...record, pid, start: seeProcess(pid)?.start ?? null, bootId: bootIdNow(), path: null }
    expect(signalRecorded(own, 'runner', 'SIGTERM').kind).toBe('running')
    expect((await ended)[1]).toBe('SIGTERM')
    expect(signalRecorded(own, 'runner', 'SIGTERM')).toMatchObject({ kind: 'stale', why: 'gone' })
    expect(seeProcess(neighbour.pid ?? 0)).not.toBeNull()
    neighbour.kill('SIGKILL')
  })
})

describe('a process file', () => {
  test('that there is not names nothing', async () => {
    await using folder = await temporaryFolder()
    expect(standingOf(join(folder.path, 'helix.pid'), 'runner')).toEqual({ kind: 'absent' })
  })

  test('that is a link or a folder is not read', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    await writeFile(join(folder.path, 'elsewhere'), JSON.stringify(record))
    await symlink('elsewhere', path)
    await mkdir(join(folder.path, 'folder.pid'))
    expect(standingOf(path, 'runner')).toMatchObject({ kind: 'refused', why: 'not-a-file' })
    expect(standingOf(join(folder.path, 'folder.pid'), 'runner')).toMatchObject({ why: 'not-a-file' })
  })

  test('of another user is not read', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('only root can give a file away')
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'helix.pid')
    await writeFile(path, JSON.stringify(record))
    const { chown } = await import('node:fs/promises')
    await chown(path, 65_534, 65_534)
    expect(standingOf(path, 'runner')).toMatchObject({ kind: 'refused', why: 'other-user-file' })
  })
})
