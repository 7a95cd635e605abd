import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { maskText } from '../../shared/platform/mask.ts'
import { processesWithOpen, seeProcess } from './process-table.ts'

/** Who listens on a port. It is looked at and never touched. */
export interface PortHolder {
  /** Null where it belongs to another user. */
  readonly pid: number | null
  /** User id. */
  readonly owner: number | null
  readonly command: string | null
}

const LISTENING = '0A' // in /proc/net/tcp
const COMMAND_MAX = 120 // characters; a command line can be very long
const LSOF_MS_MAX = 2_000

/** @returns null when nobody listens there, or the system does not tell */
export function portHolder(port: number): PortHolder | null {
  try {
    return process.platform === 'linux' ? holderOnLinux(port) : holderByLsof(port)
  } catch {
    return null
  }
}

/** A command line as a person may see it: no passwords of URLs, and not too long. */
export function commandText(args: readonly string[]): string {
  const text = maskText(args.join(' '))
  return text.length > COMMAND_MAX ? `${text.slice(0, COMMAND_MAX)}…` : text
}

function holderOnLinux(port: number): PortHolder | null {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = ['tcp', 'tcp6']
    .flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && state === LISTENING)
  const [first] = sockets
  if (first === undefined) return null
  const links = new Set(sockets.map((fields) => `socket:[${fields[9]}]`))
  const [found] = processesWithOpen((link) => links.has(link))
  if (found === undefined) return { pid: null, owner: Number(first[7]), command: null }
  return { pid: found.pid, owner: found.owner, command: commandText(found.args) }
}

function holderByLsof(port: number): PortHolder | null {
  const text = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], {
    timeout: LSOF_MS_MAX,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const seen = seeProcess(Number(/^p(\d+)$/m.exec(text)?.[1]))
  return seen === null ? null : { pid: seen.pid, owner: seen.owner, command: commandText(seen.args) }
}
