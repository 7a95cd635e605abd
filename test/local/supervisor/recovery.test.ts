import { describe, expect, test } from 'vitest'
import type { ProcessRecord } from '../../../local/drivers/process-files.ts'
import { decideRecovery, type Recovery } from '../../../local/supervisor/recovery.ts'
import type { Situation } from '../../../local/supervisor/situation.ts'
import type { Standing } from '../../../local/supervisor/standing.ts'
import type { SupervisorState } from '../../../local/supervisor/state-file.ts'
import type { Illness } from '../../../local/supervisor/vital-signs.ts'

const FILES = { runnerFile: 'helix.pid', supervisorFile: 'supervisor.pid' }
const runner: ProcessRecord = { pid: 10, start: '10', bootId: 'b', command: 'helix.js start', port: 8001, path: null }
const supervisor: ProcessRecord = { ...runner, pid: 9, start: '9', port: null }
const absent: Standing = { kind: 'absent' }

function running(record: ProcessRecord): Standing {
  return { kind: 'running', record, seen: { pid: record.pid, parent: 1, owner: 0, start: '', args: [] } }
}

function stale(record: ProcessRecord | null, why: 'gone' | 'reused' = 'gone'): Standing {
  return { kind: 'stale', why, record, now: null, text: 'old' }
}

function state(changes: Partial<SupervisorState> = {}): SupervisorState {
  return {
    status: 'running',
    pid: 9,
    options: { port: null, host: null },
    started_at: '',
    runner: { pid: 10, start: '10', bootId: 'b' },
    runner_started_at: '',
    port: 8001,
    restarts: 0,
    last_crash: null,
    next_try_at: null,
    reason: null,
    ...changes,
  }
}

/** The steps in a word each. */
function stepsOf(changes: Partial<Situation>, illness: Illness | null = null): string[] {
  const nothing: Situation = {
    supervisor: absent,
    runner: absent,
    state: null,
    started: absent,
    leftovers: [],
    users: [],
  }
  return words(decideRecovery({ ...nothing, ...changes }, FILES, illness))
}

function words(recovery: Recovery): string[] {
  if (recovery.kind === 'refuse') return [`refuse ${recovery.why}`]
  return recovery.steps.map((step) => {
    if (step.kind === 'remove-file') return `remove ${step.path}`
    if (step.kind === 'start') return `start ${step.port ?? '-'} ${step.preferredPort ?? '-'}`
    return `${step.kind} ${step.record.pid}`
  })
}

describe('a recovery', () => {
  test.each<[string, Partial<Situation>, string[]]>([
    ['has nothing to do where nothing ran', {}, []],
    ['leaves a stopped Helix stopped', { state: state({ status: 'stopped' }) }, []],
    [
      'leaves a supervised runner alone',
      { supervisor: running(supervisor), runner: running(runner), state: state(), started: running(runner) },
      [],
    ],
    [
      'leaves a runner in the foreground alone',
      { runner: running(runner), state: state({ status: 'stopped', runner: null }) },
      [],
    ],
    [
      'leaves a supervisor that waits alone',
      { supervisor: running(supervisor), state: state({ status: 'waiting' }), started: stale(runner) },
      [],
    ],
    [
      'after a reboot clears both files and starts again where it was',
      { supervisor: stale(supervisor), runner: stale(runner), state: state(), started: stale(runner) },
      ['remove helix.pid', 'remove supervisor.pid', 'start - 8001'],
    ],
    [
      'starts a runner again that was killed in the foreground',
      {
        runner: stale({ ...runner, start: '77' }),
        state: state({ status: 'stopped', options: { port: 9, host: null } }),
      },
      ['remove helix.pid', 'start - 8001'],
    ],
    [
      'starts again with the port that was asked for',
      { supervisor: stale(supervisor), runner: stale(runner), state: state({ options: { port: 8080, host: null } }) },
      ['remove helix.pid', 'remove supervisor.pid', 'start 8080 8001'],
    ],
    [
      'only clears the file of a command that was killed',
      { runner: stale({ ...runner, command: 'helix.js run' }) },
      ['remove helix.pid'],
    ],
    ['only clears a file that says nothing', { runner: stale(null) }, ['remove helix.pid']],
    [
      'starts again what was given up',
      { state: state({ status: 'gave_up' }), started: stale(runner) },
      ['start - 8001'],
    ],
    [
      'does not start what never ran',
      { state: state({ status: 'gave_up', port: null, reason: 'configuration' }), started: stale(runner) },
      [],
    ],
    [
      'puts a runner whose supervisor was killed under a new one',
      { supervisor: stale(supervisor), runner: running(runner), state: state(), started: running(runner) },
      ['remove supervisor.pid', 'stop-orphan 10', 'start - 8001'],
    ],
    [
      'corrects an edited file of a runner that lives',
      {
        supervisor: running(supervisor),
        runner: stale({ ...runner, pid: 22 }, 'reused'),
        state: state(),
        started: running(runner),
      },
      ['mend-runner-file 10'],
    ],
    [
      'removes locks that a killed process left',
      { leftovers: [{ path: 'helix.pid.lock', text: '' }] },
      ['remove helix.pid.lock'],
    ],
    [
      'touches nothing where a file is not its own',
      { supervisor: stale(supervisor), runner: { kind: 'refused', why: 'other-user-file', record: null, now: null } },
      ['refuse other-user-file'],
    ],
    [
      'starts no second runner on a database that an unknown process has open',
      {
        runner: stale({ ...runner, pid: 22 }, 'reused'),
        users: [{ pid: 10, parent: 1, owner: 0, start: '10', args: [] }],
      },
      ['refuse store-in-use'],
    ],
    [
      'lets another command of Helix finish',
      {
        supervisor: stale(supervisor),
        runner: { kind: 'refused', why: 'other-work', record: runner, now: null },
        state: state(),
      },
      ['remove supervisor.pid'],
    ],
  ])('%s', (_, situation, expected) => {
    expect(stepsOf(situation)).toEqual(expected)
  })

  test.each<[string, Partial<Situation>, string[]]>([
    [
      'that does not answer with its supervisor',
      { supervisor: running(supervisor), runner: running(runner), state: state(), started: running(runner) },
      ['stop-ill 10', 'start - 8001'],
    ],
    [
      'whose file was edited once that is right again',
      { supervisor: running(supervisor), runner: stale(null), state: state(), started: running(runner) },
      ['mend-runner-file 10', 'stop-ill 10', 'start - 8001'],
    ],
    ['never where none lives', { runner: stale({ ...runner, command: 'helix.js run' }) }, ['remove helix.pid']],
  ])('replaces a runner %s', (_, situation, expected) => {
    expect(stepsOf(situation, 'silent')).toEqual(expected)
  })
})
