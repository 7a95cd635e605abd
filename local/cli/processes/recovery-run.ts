import { removeStaleFile, truePath, writeProcessFile } from '../../drivers/process-files.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { type OwnProcess, ownProcesses } from '../../supervisor/own-processes.ts'
import { placesOf } from '../../supervisor/places.ts'
import type { RecoveryStep } from '../../supervisor/recovery.ts'
import { situationOf } from '../../supervisor/situation.ts'
import { writeState } from '../../supervisor/state-file.ts'
import { stopProcess } from '../../supervisor/stop.ts'
import type { CliContext } from '../context.ts'
import { type Background, clearKilled, startInBackground, stillStopping, stopRecorded } from './background.ts'
import { hasStore, reasonOf, repairStore, type StoreRepair, snapshotBefore, verifyAfter } from './recovery-stages.ts'

export type StageName = 'check' | 'clear' | 'backup' | 'stop' | 'repair' | 'start' | 'verify'

/** A part of a recovery, and what came of it. */
export interface Stage {
  readonly name: StageName
  readonly outcome: 'done' | 'planned' | 'not_needed' | 'failed'
  /** Of what failed: why. */
  readonly reason: string | null
}

/** What a recovery has done; of one that was only planned, nothing but the stages. */
export interface RecoveryReport {
  readonly stages: readonly Stage[]
  readonly before: readonly OwnProcess[]
  readonly after: readonly OwnProcess[]
  readonly backup: string | null
  readonly repair: StoreRepair | null
  readonly started: Background | null
  readonly health: string | null
  readonly components: Readonly<Record<string, string>>
}

export interface RecoveryRunOptions {
  readonly backup: boolean
  readonly dryRun: boolean
  /** Called before a step is done. */
  readonly tell: (step: RecoveryStep) => void
}

const SILENT_SECONDS = 10 // one that does not answer is hardly going to keep its work
const STOP_SECONDS = 60

/** Carries the steps out, stage by stage. What a start needs stops it when it fails; a backup and a repair do not. */
export async function runRecovery(
  context: CliContext,
  steps: readonly RecoveryStep[],
  { backup, dryRun, tell }: RecoveryRunOptions,
): Promise<RecoveryReport> {
  const places = placesOf(context.config())
  const stages: Stage[] = [{ name: 'check', outcome: 'done', reason: null }]
  const before = ownProcesses(situationOf(places))
  const start = steps.find((step) => step.kind === 'start')
  const stops = steps.filter((step) => step.kind === 'stop-orphan' || step.kind === 'stop-ill')
  const clears = steps.filter((step) => step.kind === 'remove-file' || step.kind === 'mend-runner-file')

  /** @param isVital whether there is no going on when it fails */
  async function stage<T>(name: StageName, isNeeded: boolean, work: () => Promise<T>, isVital = false) {
    const add = (outcome: Stage['outcome'], reason: string | null = null) => void stages.push({ name, outcome, reason })
    if (!isNeeded) return void add('not_needed')
    if (dryRun) return void add('planned')
    try {
      const result = await work()
      add('done')
      return result
    } catch (error) {
      if (isVital) throw error
      return void add('failed', reasonOf(error))
    }
  }
  const each = async (part: readonly RecoveryStep[]) => {
    for (const step of part) {
      tell(step)
      await act(step, context)
    }
  }
  const isKept = backup && start !== undefined && hasStore(context)
  const keep = () => stage('backup', isKept, () => snapshotBefore(context))
  // An embedded store is read by the runner that holds it, and one that is ill can't be asked.
  const isKeptLater = context.config().DATABASE_URL === undefined && stops.some(({ kind }) => kind === 'stop-ill')

  if (dryRun) for (const step of steps) tell(step)
  await stage('clear', clears.length > 0, () => each(clears), true)
  const early = isKeptLater ? undefined : await keep()
  await stage('stop', stops.length > 0, () => each(stops), true)
  const kept = isKeptLater ? await keep() : early
  const repair = await stage('repair', steps.length > 0 && hasStore(context), () => repairStore(context))
  const started = await stage('start', start !== undefined, () => begin(start, context, tell), true)
  const verdict = await stage('verify', start !== undefined, () => verifyAfter(context, started?.url ?? null))
  if (verdict !== undefined && verdict.health !== 'healthy') {
    stages[stages.length - 1] = { name: 'verify', outcome: 'failed', reason: verdict.health }
  }
  return {
    stages,
    before,
    after: ownProcesses(situationOf(places)),
    backup: kept ?? null,
    repair: repair ?? null,
    started: started ?? null,
    health: verdict?.health ?? null,
    components: verdict?.components ?? {},
  }
}

async function begin(
  step: Extract<RecoveryStep, { kind: 'start' }> | undefined,
  context: CliContext,
  tell: RecoveryRunOptions['tell'],
): Promise<Background | undefined> {
  if (step === undefined) return undefined
  tell(step)
  return await startInBackground(context, context.config(step.host === null ? {} : { HELIX_HOST: step.host }), step)
}

async function act(step: RecoveryStep, context: CliContext): Promise<void> {
  const places = placesOf(context.config())
  switch (step.kind) {
    case 'remove-file':
      return await removeStaleFile(step.path, step.text)
    case 'mend-runner-file':
      return await writeProcessFile(places.runnerFile, { ...step.record, path: await truePath(places.runnerFile) })
    case 'stop-orphan': {
      const options = { clock: systemClock(), timeoutMs: STOP_SECONDS * 1000, force: false }
      const end = await stopProcess({ role: 'runner', record: step.record }, [], options)
      const stopped = { end, pid: step.record.pid, supervisor_pid: null }
      if (end === 'alive') throw stillStopping(stopped, { timeout: STOP_SECONDS }, context)
      return
    }
    case 'stop-ill':
      return await stopIll(step, context)
    case 'start': // a stage of its own
  }
}

/** Ends a runner that does not work and its supervisor, by force once they have had time to keep their work. */
async function stopIll({ why }: Extract<RecoveryStep, { kind: 'stop-ill' }>, context: CliContext): Promise<void> {
  const places = placesOf(context.config())
  const situation = situationOf(places)
  const choice = { timeout: why === 'silent' ? SILENT_SECONDS : STOP_SECONDS, force: true }
  const stopped = await stopRecorded(situation, choice)
  if (stopped?.end === 'alive') throw stillStopping(stopped, choice, context)
  await clearKilled(situation, places)
  // Its supervisor took this for the wish that Helix be stopped. A recovery that is cut off here is to start it again.
  if (situation.state !== null) writeState(places.stateFile, situation.state)
}
