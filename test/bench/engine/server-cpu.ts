import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'

const TICK_MS = 10 // of the kernel's clock

/** Begins to watch; calling what it answers tells what the server has computed since, in ms; null where its processes can't be seen. */
export type ServerCpu = () => () => number | null

/** Finds the server behind a connection by its backend's process. Right only while nobody else uses that server. */
export async function serverCpu(admin: pg.Client): Promise<ServerCpu> {
  const { rows } = await admin.query<{ pid: number; local: boolean }>(
    `select pg_backend_pid() as pid, inet_server_addr() is null or inet_server_addr() <<= '127.0.0.0/8' as local`,
  )
  const backend = rows[0]?.local === true ? fieldsOf(rows[0].pid) : null
  if (backend === null || !backend.name.startsWith('postgres')) return () => () => null
  return () => {
    const before = ticksOf(backend.parent)
    return () => {
      // Of a process that has ended meanwhile nothing is known: pools keep their connections while they are measured.
      const after = ticksOf(backend.parent)
      return [...after].reduce((sum, [pid, ticks]) => sum + ticks - (before.get(pid) ?? 0), 0) * TICK_MS
    }
  }
}

function ticksOf(postmaster: number): Map<number, number> {
  const ticks = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? fieldsOf(Number(name)) : null
    if (fields !== null && (fields.parent === postmaster || Number(name) === postmaster))
      ticks.set(Number(name), fields.used)
  }
  return ticks
}

interface ProcessFields {
  readonly name: string
  readonly parent: number
  readonly used: number
}

function fieldsOf(pid: number): ProcessFields | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, parent = 0] = fields
    const [user = 0, system = 0] = fields.slice(11, 13)
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    return { name, parent, used: user + system }
  } catch {
    return null // not on Linux, or it has just ended
  }
}
