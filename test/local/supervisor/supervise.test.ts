import { afterEach, describe, expect, test } from 'vitest'
import { seeProcess } from '../../../local/supervisor/process-table.ts'
import { CRASHES_MAX } from '../../../local/supervisor/restart-policy.ts'
import { type RunnerChild, startChild } from '../../../local/supervisor/runner-child.ts'
import type { SupervisorState } from '../../../local/supervisor/state-file.ts'
import { supervise } from '../../../local/supervisor/supervise.ts'
import { manualClock } from '../../support/manual-clock.ts'

let open: RunnerChild[] = []
afterEach(() => {
  for (const { identity } of open) if (seeProcess(identity.pid) !== null) process.kill(identity.pid, 'SIGKILL')
  open = []
})

/** Supervises shell scripts, one after the other; the last one is started again and again. */
function superviseScripts(...scripts: readonly [string, ...string[]]) {
  const clock = manualClock()
  const states: SupervisorState[] = []
  const events: string[] = []
  const ports: (number | null)[] = []
  let told = () => {}
  let ask: (signal: 'SIGINT' | 'SIGTERM') => void = () => {}
  let port: number | null = null
  const end = supervise({
    clock,
    log: (event) => void events.push(event),
    options: { port: null, host: null },
    start: (last) => {
      ports.push(last)
      const script = scripts[Math.min(ports.length, scripts.length) - 1] ?? ''
      const child = startChild({
        program: '/bin/sh',
        args: ['-c', script],
        env: { PATH: '/bin:/usr/bin' },
        onLines: (lines) => {
          for (const line of lines.toString().split('\n').filter(Boolean)) events.push(line)
          told()
        },
        onError: () => {},
      })
      open.push(child)
      return child
    },
    portOf: () => port,
    save: (state) => {
      states.push(state)
      told()
    },
    onStopSignal: (handler) => {
      ask = handler
      return () => {}
    },
  })
  return {
    clock,
    events,
    ports,
    end,
    states,
    state: () => states.at(-1),
    listen: (on: number) => {
      port = on
    },
    ask: (signal: 'SIGINT' | 'SIGTERM') => ask(signal),
    /** Resolves when what is told satisfies the wish. */
    until: (wanted: () => boolean) =>
      new Promise<void>((resolve) => {
        told = () => (wanted() ? resolve() : undefined)
        told()
      }),
  }
}

describe('a supervisor', () => {
  test('starts a crashed runner again after a delay that doubles, and says how it ended', async () => {
    const run = superviseScripts('echo "Error: out of ink" >&2; exit 7', 'kill -9 $$', 'echo up; exec sleep 600')
    for (const [restarts, delayMs, crash] of [
      [0, 1_000, { exit_code: 7, signal: null, last_words: 'Error: out of ink' }],
      [1, 2_000, { exit_code: null, signal: 'SIGKILL', last_words: '' }],
    ] as const) {
      await run.until(() => run.state()?.status === 'waiting' && run.state()?.restarts === restarts)
      expect(run.state()?.last_crash).toMatchObject(crash)
      expect(Date.parse(run.state()?.next_try_at ?? '') - run.clock.now().getTime()).toBe(delayMs)
      await run.clock.advance(delayMs - 1)
      expect(run.state()?.status).toBe('waiting')
      await run.clock.advance(1)
    }
    await run.until(() => run.events.includes('up'))
    expect(run.state()).toMatchObject({ status: 'starting', restarts: 2, next_try_at: null })
    run.ask('SIGTERM')
    expect(await run.end).toEqual({ kind: 'stopped' })
    expect(open.map(({ identity }) => seeProcess(identity.pid))).toEqual([null, null, null])
  })

  test('passes the wish to stop on, and waits for a runner that keeps its work first', async () => {
    const run = superviseScripts('trap "echo kept; exit 0" TERM; echo up; while :; do sleep 0.02; done')
    await run.until(() => run.events.includes('up'))
    run.ask('SIGTERM')
    expect(run.state()?.status).toBe('stopping')
    expect(await run.end).toEqual({ kind: 'stopped' })
    expect(run.events).toEqual(['supervisor.started', 'up', 'kept', 'supervisor.stopped'])
    expect(run.state()).toMatchObject({ status: 'stopped', restarts: 0, last_crash: null })
  })

  test('is asked to stop while it waits, and does not wait any longer', async () => {
    const run = superviseScripts('exit 1')
    await run.until(() => run.state()?.status === 'waiting')
    run.ask('SIGINT')
    expect(await run.end).toEqual({ kind: 'stopped' })
    expect(run.ports).toHaveLength(1)
  })

  test('ends with a runner that was asked to end by somebody else', async () => {
    const run = superviseScripts('exit 0')
    expect(await run.end).toEqual({ kind: 'stopped' })
    expect(run.state()?.status).toBe('stopped')
  })

  test('does not start again what its configuration keeps from running', async () => {
    const run = superviseScripts('echo "API_PORT: no number" >&2; exit 3')
    expect(await run.end).toEqual({ kind: 'gave-up', reason: 'configuration', lastWords: 'API_PORT: no number' })
    expect(run.state()).toMatchObject({ status: 'gave_up', reason: 'configuration', restarts: 0 })
    expect(run.events).toContain('supervisor.gave_up')
  })

  test('gives up a runner that crashes again and again', async () => {
    const run = superviseScripts('exit 1')
    for (let restarts = 0; restarts < CRASHES_MAX - 1; restarts++) {
      await run.until(() => run.state()?.status === 'waiting' && run.state()?.restarts === restarts)
      await run.clock.advance(Date.parse(run.state()?.next_try_at ?? '') - run.clock.now().getTime())
    }
    expect(await run.end).toEqual({ kind: 'gave-up', reason: 'crash-loop', lastWords: '' })
    expect(run.ports).toHaveLength(CRASHES_MAX)
  })

  test('tells where the runner listens, and gives the next one the same port', async () => {
    const run = superviseScripts('echo up; exec sleep 600', 'exit 0')
    await run.until(() => run.events.includes('up'))
    run.listen(8042)
    await run.clock.advance(200)
    expect(run.state()).toMatchObject({ status: 'running', port: 8042 })
    process.kill(open[0]?.identity.pid ?? 0, 'SIGKILL')
    await run.until(() => run.state()?.status === 'waiting')
    await run.clock.advance(1_000)
    await run.end
    expect(run.ports).toEqual([null, 8042])
  })

  test('can not start a program that there is not, and says so', async () => {
    const child = startChild({ program: '/nowhere/node', args: [], env: {}, onLines: () => {}, onError: () => {} })
    const exit = await child.ended
    expect(exit).toMatchObject({ code: 1, signal: null })
    expect(exit.lastWords).toContain('ENOENT')
  })
})
