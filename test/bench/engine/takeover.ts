import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LEASE_MS } from '../../../shared/engine/lease.ts'
import { inDirectory } from './latency.ts'

const HOLD_MS = 2_000 // the first runner holds its work for so long before it dies

export interface Takeover {
  readonly leaseMs: number
  /** From the kill to the begin of the same step in the other runner, each time. */
  readonly tookMs: readonly number[]
}

/**
 * Two runners on one store, in real time: one is killed in the middle of a step, the other takes the step over.
 * @param times how often, since the clock's schedules may help or not
 */
export async function measureTakeover(createDatabase: () => Promise<string>, times: number): Promise<Takeover> {
  const tookMs: number[] = []
  for (let time = 0; time < times; time += 1) tookMs.push(await takeOver(await createDatabase()))
  return { leaseMs: LEASE_MS, tookMs }
}

async function takeOver(url: string): Promise<number> {
  return await inDirectory(async (directory) => {
    const dying = startRunner(url, join(directory, 'one'), true)
    let other: Runner | null = null
    try {
      await dying.line('begins')
      other = startRunner(url, join(directory, 'other'), false)
      await other.line('ready')
      await new Promise((done) => setTimeout(done, HOLD_MS))
      const killedAt = Date.now()
      dying.kill()
      const begunAt = await other.line('begins')
      return begunAt - killedAt
    } finally {
      dying.kill()
      other?.kill()
    }
  })
}

interface Runner {
  /** Waits for a line of that kind. @returns when it happened */
  line(kind: string): Promise<number>
  kill(): void
}

function startRunner(url: string, directory: string, starts: boolean): Runner {
  const path = fileURLToPath(new URL('takeover-child.ts', import.meta.url))
  const options = ['--url', url, '--directory', directory, ...(starts ? ['--start'] : [])]
  const child = spawn(process.execPath, ['--no-warnings', '--import', 'tsx', path, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen = new Map<string, number>()
  const waiting = new Map<string, (at: number) => void>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return
    const line = JSON.parse(text) as { at: number }
    const kind = Object.keys(line)[0] ?? ''
    seen.set(kind, line.at)
    waiting.get(kind)?.(line.at)
  })
  const ended = new Promise<never>((_, fail) =>
    child.on('close', (code) => fail(new Error(`A runner ended with ${code}`))),
  )
  ended.catch(() => undefined)
  return {
    line: (kind) =>
      Promise.race([
        ended,
        new Promise<number>((done) => {
          const at = seen.get(kind)
          if (at === undefined) waiting.set(kind, done)
          else done(at)
        }),
      ]),
    kill: () => child.kill('SIGKILL'),
  }
}
