import { steadyMs } from '../../../local/drivers/system-clock.ts'
import { prepared } from '../../../shared/sandbox/prepare.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'
import { Runner } from '../../../shared/sandbox/runner.ts'
import { ATTACKS } from '../../sandbox/attacks/all.ts'
import type { Contender } from './contender.ts'
import type { Openers } from './contenders.ts'
import { INPUTS, NODES } from './nodes.ts'

/** Median and 95th percentile, in milliseconds. */
export interface Times {
  readonly median: number
  readonly p95: number
}

export interface Figures {
  /** By node, then by contender. */
  readonly runs: Readonly<Record<string, Readonly<Record<string, Times>>>>
  readonly attacks: number
  readonly overLimitMs: Readonly<Record<string, { readonly p99: number; readonly most: number; readonly at: string }>>
  readonly recoveryMs: Readonly<Record<string, number>>
  readonly warmBytes: Readonly<Record<string, number>>
}

const TIMEOUT_MS = 5_000
const ATTACK_MS = 100

/** All contenders take turns, run by run, so that a busy machine is as busy for each. */
export async function measure(openers: Openers, rounds: number): Promise<Figures> {
  const contenders = Object.values(openers).map((open) => open())
  const runs: Record<string, Record<string, Times>> = {}
  for (const [node, code] of Object.entries(NODES)) runs[node] = await runTimes(contenders, code, rounds)
  const over = { inline: await overLimit(contenders, 'inline'), threads: await overLimit(contenders, 'threads') }
  await Promise.all(contenders.map((contender) => contender.close()))
  return {
    runs,
    attacks: ATTACKS.length,
    overLimitMs: over,
    recoveryMs: await recoveries(),
    warmBytes: await warmBytes(),
  }
}

async function runTimes(
  contenders: readonly Contender[],
  code: string,
  rounds: number,
): Promise<Record<string, Times>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = -20; round < rounds; round++) {
    for (const contender of contenders) {
      const began = steadyMs()
      await contender.run(code, INPUTS, TIMEOUT_MS)
      if (round >= 0) times.get(contender.name)?.push(steadyMs() - began)
    }
  }
  return Object.fromEntries([...times].map(([name, taken]) => [name, { median: at(taken, 0.5), p95: at(taken, 0.95) }]))
}

/** How long after its limit each attack that would not end was ended. */
async function overLimit(contenders: readonly Contender[], name: string) {
  const contender = contenders.find((one) => one.name === name)
  const taken: { ms: number; name: string }[] = []
  for (const attack of ATTACKS) {
    await contender?.run(NODES['1 KB of inputs'] ?? '', INPUTS, TIMEOUT_MS) // a thread that was killed is replaced then
    const began = steadyMs()
    await contender?.run(attack.code, { a: 1 }, ATTACK_MS).catch(() => undefined)
    taken.push({ ms: Math.max(0, steadyMs() - began - ATTACK_MS), name: attack.name })
  }
  const most = taken.reduce((a, b) => (b.ms > a.ms ? b : a))
  return {
    p99: at(
      taken.map(({ ms }) => ms),
      0.99,
    ),
    most: most.ms,
    at: most.name,
  }
}

/** How much longer than usual a run takes right after each kind of failure. */
async function recoveries(): Promise<Record<string, number>> {
  const runner = new Runner(await quickJsModule(), steadyMs)
  const timed = (code: string, limits = {}) => {
    const run = prepared({ code, inputs: INPUTS, limits })
    if ('success' in run) throw new Error('An attack that is refused beforehand')
    const began = steadyMs()
    runner.run(run)
    return steadyMs() - began
  }
  const code = NODES['1 KB of inputs'] ?? ''
  const usual = at(
    Array.from({ length: 50 }, () => timed(code)),
    0.5,
  )
  const after: Record<string, number> = {}
  for (const name of ['a bare loop', 'a function that calls itself', 'many buffers', 'a promise without an end']) {
    const attack = ATTACKS.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`There is no attack "${name}"`)
    const taken = Array.from({ length: 15 }, () => {
      timed(attack.code, { timeout_ms: 20 })
      return timed(code) - usual
    })
    after[name] = Math.max(0, at(taken, 0.5))
  }
  return after
}

async function warmBytes(): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {}
  for (const [node, code] of Object.entries(NODES)) {
    const runner = new Runner(await quickJsModule(), steadyMs)
    const run = prepared({ code, inputs: INPUTS })
    if ('success' in run) continue
    for (let time = 0; time < 3; time++) runner.run(run)
    bytes[node] = runner.warmBytes
  }
  return bytes
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
