import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const STATE_FIELD = 0 // of /proc/<pid>/stat, counted after the command's name, which may hold spaces
const START_FIELD = 19
const PS_MS_MAX = 2_000

/** Tells one process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the system's own words; null where the system does not say. */
  readonly start: string | null
  /** Changes with every boot; null where the system does not say. */
  readonly bootId: string | null
}

/** Who this process is. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = process
  return { pid, start: await startOf(pid), bootId: await currentBootId() }
}

/** Whether that very process still runs. One that has ended but was not collected by its parent does not. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const bootId = await currentBootId()
  if (identity.bootId !== null && bootId !== null && identity.bootId !== bootId) return false
  if (!exists(identity.pid)) return false
  const start = await startOf(identity.pid)
  return identity.start === null || start === identity.start
}

function exists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // somebody else's process
  }
}

async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return await startOnLinux(pid)
  if (process.platform === 'win32') return null
  try {
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } // the same words from every process
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env, timeout: PS_MS_MAX })
    return stdout.trim() === '' ? null : stdout.trim()
  } catch {
    return null
  }
}

async function startOnLinux(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[STATE_FIELD] === 'Z' ? null : (fields[START_FIELD] ?? null)
}

async function currentBootId(): Promise<string | null> {
  if (process.platform !== 'linux') return null
  return await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}
