import pg from 'pg'
import { openHelix } from './helix.ts'
import { inDirectory } from './latency.ts'
import { rawRate, templateRows, workflowStatements } from './raw-limit.ts'
import { type ServerCpu, serverCpu } from './server-cpu.ts'

export interface RawCell {
  /** Helix's closed loop that it is to be compared with. */
  readonly at: number
  /** Workflows of one statement. */
  readonly group: number
  readonly perSecond: number
  readonly serverCpuMs: number | null
}

const CELLS = [
  { at: 1, clients: 1, group: 1 },
  { at: 10, clients: 10, group: 1 },
  { at: 10, clients: 2, group: 5 },
  { at: 50, clients: 50, group: 1 },
  { at: 50, clients: 2, group: 25 },
] as const

/** What the server could take if nothing but its writes had to be done: one by one, and many in a statement. */
export async function measureRaw(url: string, seconds: number, say: (text: string) => void): Promise<RawCell[]> {
  return await inDirectory(async (directory) => {
    const helix = await openHelix({ url, directory })
    const taskId = await helix.accept()
    await helix.finished(taskId)
    await helix.close()
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    try {
      const cpu = await serverCpu(admin)
      const statements = workflowStatements(await templateRows(admin, taskId))
      const cells: RawCell[] = []
      for (const { at, clients, group } of CELLS) {
        // Its sessions end with it, so that their account is read while they live.
        const serverMsPerSecond = watchMiddle(cpu, seconds)
        const perSecond = await rawRate(url, statements, { clients, group, seconds, directory })
        const spent = await serverMsPerSecond
        const serverCpuMs = spent === null ? null : spent / perSecond
        cells.push({ at, group, perSecond, serverCpuMs })
        say(`raw, ${clients} clients, ${group} in a statement: ${perSecond.toFixed(0)}/s`)
      }
      return cells
    } finally {
      await admin.end() // else a failure is hidden by that of this connection
    }
  })
}

/** Processor time per second of the server between a third and two thirds of a measurement. */
async function watchMiddle(cpu: ServerCpu, seconds: number): Promise<number | null> {
  const third = (seconds * 1_000) / 3
  await sleep(third)
  const spent = cpu()
  const begun = performance.now()
  await sleep(third)
  const serverMs = spent()
  return serverMs === null ? null : (serverMs * 1_000) / (performance.now() - begun)
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
