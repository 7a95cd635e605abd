import type { ProcessRecord } from '../drivers/process-files.ts'
import type { Places } from './places.ts'
import type { SeenProcess } from './process-table.ts'
import type { Leftover, Situation } from './situation.ts'
import type { RefusedReason, Standing } from './standing.ts'
import { wasMeantToRun } from './state-file.ts'
import type { Illness } from './vital-signs.ts'

/** With what Helix is started again. */
export interface StartAgain {
  readonly port: number | null
  readonly host: string | null
  /** Where it was, and comes back if it can. */
  readonly preferredPort: number | null
}

/** One thing that a recovery does. */
export type RecoveryStep =
  /** The file of a process that is gone, or a lock of one. */
  | ({ readonly kind: 'remove-file'; readonly which: 'runner' | 'supervisor' | 'leftover' } & Leftover)
  /** The runner's file, which somebody has edited, says the truth again. */
  | { readonly kind: 'mend-runner-file'; readonly record: ProcessRecord }
  /** A runner that lives on after its supervisor: nobody restarts it or keeps its log. */
  | { readonly kind: 'stop-orphan'; readonly record: ProcessRecord }
  /** A runner that lives and does not work, with the supervisor that sees only that it lives. */
  | { readonly kind: 'stop-ill'; readonly why: Illness; readonly record: ProcessRecord }
  | ({ readonly kind: 'start' } & StartAgain)

export type Recovery =
  | { readonly kind: 'recover'; readonly steps: readonly RecoveryStep[] }
  | {
      readonly kind: 'refuse'
      readonly why: RefusedReason | 'store-in-use'
      readonly record: ProcessRecord | null
      readonly now: SeenProcess | null
    }

type RecordFiles = Pick<Places, 'runnerFile' | 'supervisorFile'>

/**
 * Decides what to do about what a crash or a reboot has left. Living processes that are well are not touched.
 * @param illness of the runner that lives; null when it is well, or nobody has asked it
 */
export function decideRecovery(situation: Situation, files: RecordFiles, illness: Illness | null = null): Recovery {
  const { supervisor, runner, state, started, leftovers, users } = situation
  for (const standing of [supervisor, runner]) {
    if (standing.kind === 'refused' && standing.why !== 'other-work') {
      return { kind: 'refuse', why: standing.why, record: standing.record, now: standing.now }
    }
  }
  const cleaning: RecoveryStep[] = [
    ...removal(files.supervisorFile, 'supervisor', supervisor),
    ...leftovers.map((leftover) => ({ kind: 'remove-file', which: 'leftover', ...leftover }) as const),
  ]
  // A `helix run` holds the data and will release it.
  if (runner.kind === 'refused') return { kind: 'recover', steps: cleaning }

  const serving = servingOf(situation)
  if (illness !== null && serving !== null) {
    const { record } = serving
    const mend = runner.kind === 'running' ? [] : [{ kind: 'mend-runner-file', record } as const]
    const stop = { kind: 'stop-ill', why: illness, record } as const
    return { kind: 'recover', steps: [...mend, ...cleaning, stop, { kind: 'start', ...startAgain(situation) }] }
  }

  if (started.kind === 'running' && runner.kind === 'stale') {
    const mend = { kind: 'mend-runner-file', record: started.record } as const
    if (supervisor.kind === 'running') return { kind: 'recover', steps: [mend, ...cleaning] }
    return { kind: 'recover', steps: [mend, ...again(situation, started.record), ...cleaning] }
  }
  if (supervisor.kind === 'running') {
    return { kind: 'recover', steps: [...removal(files.runnerFile, 'runner', runner), ...cleaning] }
  }
  if (runner.kind === 'running') {
    const isOrphan = started.kind === 'running' && started.record.pid === runner.record.pid && wasMeantToRun(state)
    return { kind: 'recover', steps: [...cleaning, ...(isOrphan ? again(situation, runner.record) : [])] }
  }

  const [user] = users
  if (user !== undefined) return { kind: 'refuse', why: 'store-in-use', record: null, now: user }
  const ranInForeground = runner.kind === 'stale' && runner.record?.command.endsWith(' start') === true
  const isMeantToRun = wasMeantToRun(state) || ranInForeground
  const start = isMeantToRun ? [{ kind: 'start', ...startAgain(situation) } as const] : []
  return { kind: 'recover', steps: [...removal(files.runnerFile, 'runner', runner), ...cleaning, ...start] }
}

/** The runner that lives, by its file or by its supervisor's word. */
export function servingOf({ runner, started }: Situation): Extract<Standing, { kind: 'running' }> | null {
  if (runner.kind === 'running') return runner
  return started.kind === 'running' ? started : null
}

/** With what it was started last. */
export function startAgain({ state, runner }: Situation): StartAgain {
  const record = runner.kind === 'absent' ? null : runner.record
  // A runner that was started in the foreground after a supervisor's last word is not the supervisor's.
  const isForeground = record !== null && record.start !== state?.runner?.start
  const options = isForeground ? undefined : state?.options
  return {
    port: options?.port ?? null,
    host: options?.host ?? null,
    preferredPort: record?.port ?? state?.port ?? null,
  }
}

function again(situation: Situation, record: ProcessRecord): RecoveryStep[] {
  return [
    { kind: 'stop-orphan', record },
    { kind: 'start', ...startAgain(situation) },
  ]
}

function removal(path: string, which: 'runner' | 'supervisor', standing: Standing): RecoveryStep[] {
  return standing.kind === 'stale' ? [{ kind: 'remove-file', which, path, text: standing.text }] : []
}
