import type { Situation } from './situation.ts'
import type { Role } from './standing.ts'

/** A living process of this data directory. */
export interface OwnProcess {
  /** `unrecorded`: no file names it, but it has the embedded database open. */
  readonly role: Role | 'unrecorded'
  readonly pid: number
}

/** Who of Helix lives here, by what was verified of their records. */
export function ownProcesses({ supervisor, runner, started, users }: Situation): readonly OwnProcess[] {
  const found: OwnProcess[] = []
  if (supervisor.kind === 'running') found.push({ role: 'supervisor', pid: supervisor.record.pid })
  for (const standing of [runner, started]) {
    if (standing.kind === 'running') found.push({ role: 'runner', pid: standing.record.pid })
  }
  found.push(...users.map(({ pid }) => ({ role: 'unrecorded', pid }) as const))
  return found.filter(({ pid }, at) => found.findIndex((other) => other.pid === pid) === at)
}
