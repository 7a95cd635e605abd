import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { parseProcessRecord } from '../drivers/process-files.ts'
import type { Places } from './places.ts'
import { processesWithOpen, type SeenProcess } from './process-table.ts'
import { type Standing, standingOf, standingOfRecord } from './standing.ts'
import { readState, type SupervisorState } from './state-file.ts'

/** Everything that is known of the processes of a data directory. Nothing was changed to find it out. */
export interface Situation {
  readonly supervisor: Standing
  readonly runner: Standing
  /** What the supervisor said last. */
  readonly state: SupervisorState | null
  /** How the runner stands that the supervisor started last: true although somebody has edited its file. */
  readonly started: Standing
  /** Files that a process which has ended left halfway. */
  readonly leftovers: readonly Leftover[]
  /** Who has the embedded database open, whatever the files say. */
  readonly users: readonly SeenProcess[]
}

export interface Leftover {
  readonly path: string
  readonly text: string
}

const LOCK = /^(helix|supervisor)\.pid\.lock$/
const TEMPORARY = /^(helix|supervisor)\.pid\.[0-9a-f-]{36}\.tmp$/

export function situationOf(places: Places): Situation {
  const state = readState(places.stateFile)
  return {
    supervisor: standingOf(places.supervisorFile, 'supervisor'),
    runner: standingOf(places.runnerFile, 'runner'),
    state,
    started: startedBy(state),
    leftovers: leftoversIn(places.dataDir),
    users: processesWithOpen((link) => link.startsWith(places.store + sep)),
  }
}

function startedBy(state: SupervisorState | null): Standing {
  if (state?.runner == null) return { kind: 'absent' }
  return standingOfRecord({ ...state.runner, command: 'helix.js start', port: state.port, path: null }, 'runner')
}

/** Locks and unfinished files whose maker is gone; what can't be read is somebody's who is just writing it. */
function leftoversIn(dir: string): Leftover[] {
  return namesIn(dir)
    .filter((name) => LOCK.test(name) || TEMPORARY.test(name))
    .flatMap((name) => {
      const path = join(dir, name)
      const text = readOwnText(path)
      const record = parseProcessRecord(text)
      if (text === null || record === null) return []
      const standing = standingOfRecord(record, 'runner')
      return standing.kind === 'stale' && standing.why !== 'foreign' ? [{ path, text }] : []
    })
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

function readOwnText(path: string): string | null {
  try {
    const found = lstatSync(path)
    const isOwn = process.getuid === undefined || found.uid === process.getuid()
    return found.isFile() && isOwn ? readFileSync(path, 'utf8') : null
  } catch {
    return null
  }
}
