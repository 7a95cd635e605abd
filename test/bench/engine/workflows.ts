import type pg from 'pg'
import { runChild } from './children.ts'
import { median, type Rate } from './closed-loop.ts'
import { countingProxy } from './counting-proxy.ts'
import { type ServerCpu, serverCpu } from './server-cpu.ts'

export const AT_ONCE = [1, 10, 50] as const

export interface WorkflowCell {
  readonly perSecond: number
  /** Of the rounds, slowest and fastest. */
  readonly spread: readonly [number, number]
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of one workflow. */
  readonly nodeCpuMs: number
  readonly serverCpuMs: number | null
  readonly statements: number | null
}

export type WorkflowTable = Record<string, Record<number, WorkflowCell>>

export interface WorkflowOptions {
  /** Contenders with their databases' URLs. */
  readonly contenders: ReadonlyMap<string, string>
  readonly peersDir: string
  readonly rounds: number
  readonly seconds: number
  readonly warmSeconds: number
  readonly admin: pg.Client
  readonly say: (text: string) => void
}

type Round = Rate & { nodeCpuMs: number; serverCpuMs: number | null }

/** All contenders at 1, 10 and 50 at once, taking turns in every round, so that a noisy machine hits all alike. */
export async function measureWorkflows(options: WorkflowOptions): Promise<WorkflowTable> {
  const { contenders, say } = options
  const cpu = await serverCpu(options.admin)
  const rounds = new Map<string, Round[]>()
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const at of AT_ONCE) {
      for (const [name, url] of contenders) {
        const measured = await measureOnce(options, name, url, at, cpu)
        rounds.set(`${name} ${at}`, [...(rounds.get(`${name} ${at}`) ?? []), measured])
        say(`round ${round}: ${name} at ${at}: ${measured.perSecond.toFixed(1)}/s, p50 ${measured.p50Ms.toFixed(1)} ms`)
      }
    }
  }
  const table: WorkflowTable = {}
  for (const [name, url] of contenders) {
    const row: Record<number, WorkflowCell> = {}
    table[name] = row
    for (const at of AT_ONCE) {
      const statements = await countStatements(options, name, url, at)
      row[at] = cellOf(rounds.get(`${name} ${at}`) ?? [], statements)
      say(`${name} at ${at}: ${statements.toFixed(2)} statements per workflow`)
    }
  }
  return table
}

async function measureOnce(
  { peersDir, seconds, warmSeconds, admin }: WorkflowOptions,
  contender: string,
  url: string,
  at: number,
  cpu: ServerCpu,
): Promise<Round> {
  await admin.query('checkpoint') // nobody pays for what another one has left
  let measured: (Rate & { nodeCpuMs: number }) | null = null
  let spent = cpu()
  let serverMs: number | null = null
  await runChild('child.ts', { contender, url, at, seconds, warm: warmSeconds, peers: peersDir }, (line) => {
    if (line.begins === true) {
      spent = cpu()
    } else {
      measured = line as unknown as Rate & { nodeCpuMs: number }
      serverMs = spent()
    }
  })
  if (measured === null) throw new Error(`${contender} told nothing`)
  const { nodeCpuMs, ...rate } = measured as Rate & { nodeCpuMs: number }
  return { ...rate, nodeCpuMs: nodeCpuMs / rate.count, serverCpuMs: serverMs === null ? null : serverMs / rate.count }
}

/** In a pass of its own, through a proxy that reads the protocol: exact and alike for every client. */
async function countStatements(
  { peersDir, warmSeconds }: WorkflowOptions,
  contender: string,
  url: string,
  at: number,
): Promise<number> {
  await using proxy = await countingProxy(url)
  const count = at * (at === 1 ? 50 : 8)
  let before = 0
  let after = 0
  const options = { contender, url: proxy.url, at, count, warm: warmSeconds, peers: peersDir }
  await runChild('child.ts', options, (line) => {
    if (line.begins === true) before = proxy.count()
    else after = proxy.count()
  })
  return (after - before) / count
}

function cellOf(rounds: readonly Round[], statements: number): WorkflowCell {
  const rates = rounds.map(({ perSecond }) => perSecond)
  const server = rounds.map(({ serverCpuMs }) => serverCpuMs).filter((value) => value !== null)
  return {
    perSecond: median(rates),
    spread: [Math.min(...rates), Math.max(...rates)],
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    nodeCpuMs: median(rounds.map(({ nodeCpuMs }) => nodeCpuMs)),
    serverCpuMs: server.length === 0 ? null : median(server),
    statements,
  }
}
