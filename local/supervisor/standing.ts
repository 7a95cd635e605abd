import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { type ProcessRecord, parseProcessRecord } from '../drivers/process-files.ts'
import { ancestorsOf, bootIdNow, type SeenProcess, seeProcess, seesProcesses } from './process-table.ts'

/** What the process of a file does: serves, watches over one that serves, or something else that holds the data. */
export type Role = 'runner' | 'supervisor'

/** Why a file names no process of Helix any more. Whatever has the number now is left alone. */
export type StaleReason = 'gone' | 'reused' | 'rebooted' | 'unreadable' | 'foreign'

/** Why a process is left alone although the file names it. */
export type RefusedReason =
  | 'other-user-file'
  | 'not-a-file'
  | 'other-user'
  | 'unidentified'
  | 'copied'
  | 'init'
  | 'ancestor'
  | 'other-work'
  | 'unsupported'

/** How a process file stands to the world. */
export type Standing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'running'; readonly record: ProcessRecord; readonly seen: SeenProcess }
  | {
      readonly kind: 'stale'
      readonly why: StaleReason
      readonly record: ProcessRecord | null
      /** Who has the number now. */
      readonly now: SeenProcess | null
      readonly text: string
    }
  | {
      readonly kind: 'refused'
      readonly why: RefusedReason
      readonly record: ProcessRecord | null
      readonly now: SeenProcess | null
    }

/** What a record is judged by. */
export interface Facts {
  readonly role: Role
  /** Where the file was found, without symbolic links. */
  readonly path: string
  readonly text: string
  readonly record: ProcessRecord | null
  /** Who has its number. */
  readonly seen: SeenProcess | null
  readonly bootId: string | null
  /** User id of this process. */
  readonly user: number
  /** This process and those above it. */
  readonly ancestors: readonly number[]
}

const FIRST_PROCESS = 1

/** Looks at a process file and at the process that it names, in one turn of the event loop. */
export function standingOf(path: string, role: Role): Standing {
  const file = readOwn(path)
  if (typeof file !== 'string') return file
  return judge(factsOf(parseProcessRecord(file), role, realpathSync(path), file))
}

/** Looks again at the process of a record that was judged before. */
export function standingOfRecord(record: ProcessRecord, role: Role): Standing {
  return judge(factsOf(record, role, record.path ?? '', ''))
}

/**
 * Signals the process of a record, if at this very moment it is still that one: process number, start, boot, owner
 * and command line are read again, and nothing happens between that and the signal. Never a group.
 * @returns how it stood; the signal was sent only to one that is `running`
 */
export function signalRecorded(record: ProcessRecord, role: Role, signal: 'SIGTERM' | 'SIGKILL'): Standing {
  const standing = standingOfRecord(record, role)
  if (standing.kind === 'running') process.kill(standing.record.pid, signal)
  return standing
}

/** Decides whether the process that has the number is the one that wrote the record. Anything doubtful is left alone. */
export function judge({ role, path, text, record, seen, bootId, user, ancestors }: Facts): Standing {
  const stale = (why: StaleReason): Standing => ({ kind: 'stale', why, record, now: seen, text })
  const refused = (why: RefusedReason): Standing => ({ kind: 'refused', why, record, now: seen })
  if (!seesProcesses) return refused('unsupported')
  if (record === null || !Number.isSafeInteger(record.pid) || record.pid <= 0) return stale('unreadable')
  if (record.bootId !== null && bootId !== null && record.bootId !== bootId) return stale('rebooted')
  if (seen === null) return stale('gone')
  if (record.start !== null && record.start !== seen.start) return stale('reused')
  if (record.start === null || (record.bootId === null && bootId !== null)) return refused('unidentified')
  if (record.pid === FIRST_PROCESS) return refused('init')
  if (ancestors.includes(record.pid)) return refused('ancestor')
  if (seen.owner !== user) return refused('other-user')
  if (!runsCommand(seen.args, record.command)) return stale('foreign')
  if (record.path !== null && record.path !== path) return refused('copied')
  if (roleOf(seen.args) !== role) return refused('other-work')
  return { kind: 'running', record, seen }
}

/** What a process of Helix does, by its command line. */
function roleOf(args: readonly string[]): Role | null {
  if (!args.includes('start')) return null
  return args.includes('--supervise') ? 'supervisor' : 'runner'
}

/** Whether a command line is `node … /somewhere/helix.js start …`, given `helix.js start`. */
function runsCommand(args: readonly string[], command: string): boolean {
  const [script = '', word] = command.split(' ')
  if (!/^helix(\.\w+)?$/.test(script)) return false
  return args.some((arg, at) => at > 0 && basename(arg) === script && (word === undefined || args[at + 1] === word))
}

function factsOf(record: ProcessRecord | null, role: Role, path: string, text: string): Facts {
  return {
    role,
    path,
    text,
    record,
    seen: record === null ? null : seeProcess(record.pid),
    bootId: bootIdNow(),
    user: process.getuid?.() ?? -1,
    ancestors: ancestorsOf(process.pid),
  }
}

/** The file's text, if it is a plain file of this user; else how it stands. */
function readOwn(path: string): string | Standing {
  try {
    const found = lstatSync(path)
    if (!found.isFile()) return { kind: 'refused', why: 'not-a-file', record: null, now: null }
    const record = { kind: 'refused', record: null, now: null } as const
    if (process.getuid !== undefined && found.uid !== process.getuid()) return { ...record, why: 'other-user-file' }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' }
    throw error
  }
}
