import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** A living process, as the system shows it. */
export interface SeenProcess {
  readonly pid: number
  readonly parent: number
  /** User id. */
  readonly owner: number
  /** When it started, in the same words as `ProcessIdentity`. */
  readonly start: string
  /** The command line. */
  readonly args: readonly string[]
}

const PS_MS_MAX = 2_000
const ANCESTORS_MAX = 64 // deeper than any shell in a terminal in a session
const STATE_FIELD = 0 // of /proc/<pid>/stat, counted after the command's name, which may hold spaces
const PARENT_FIELD = 1
const START_FIELD = 19
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\s+(.*)$/

/** Whether this system tells what a process is. Where it does not, none is ever signalled. */
export const seesProcesses = process.platform !== 'win32'

/**
 * Looks a process up, at once and in one turn of the event loop: a signal may follow before anything else happens.
 * @returns null when there is none, or it has ended and only waits to be collected
 */
export function seeProcess(pid: number): SeenProcess | null {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !seesProcesses) return null
  try {
    return process.platform === 'linux' ? seeOnLinux(pid) : seeByPs(pid)
  } catch {
    return null
  }
}

/** Changes with every boot; null where the system does not say. */
export function bootIdNow(): string | null {
  if (process.platform !== 'linux') return null
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

/** This process, its parent, and so on up to the first one. */
export function ancestorsOf(pid: number): readonly number[] {
  const found: number[] = []
  for (let next = pid; next > 0 && found.length < ANCESTORS_MAX; next = seeProcess(next)?.parent ?? 0) found.push(next)
  return found
}

/** Who of this user's processes has a file open whose link satisfies `wanted`. Empty where the system does not tell. */
export function processesWithOpen(wanted: (link: string) => boolean): readonly SeenProcess[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => openLinks(pid).some(wanted)).flatMap((pid) => seeProcess(Number(pid)) ?? [])
}

function openLinks(pid: string): string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)]
      } catch {
        return [] // closed in between
      }
    })
  } catch {
    return [] // another user's, or ended in between
  }
}

function seeOnLinux(pid: number): SeenProcess | null {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const start = fields[START_FIELD]
  if (fields[STATE_FIELD] === 'Z' || fields[STATE_FIELD] === 'X' || start === undefined) return null
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  return { pid, parent: Number(fields[PARENT_FIELD]), owner: statSync(`/proc/${pid}`).uid, start, args }
}

function seeByPs(pid: number): SeenProcess | null {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } // the same words from every process
  const options = ['-ww', '-o', 'ppid=,uid=,stat=,lstart=,command=', '-p', String(pid)]
  const text = execFileSync('ps', options, { env, timeout: PS_MS_MAX, encoding: 'utf8' })
  const [, parent, owner, state, start, command] = PS_LINE.exec(text.trimEnd()) ?? []
  if (start === undefined || command === undefined || state?.startsWith('Z') === true) return null
  return { pid, parent: Number(parent), owner: Number(owner), start, args: command.split(' ') }
}
