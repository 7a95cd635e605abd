import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import { FAULTS } from '../faults/all.ts'
import { fullDisk } from '../faults/full-disk.ts'
import { leakedConnection } from '../faults/leaked-connection.ts'
import { instanceOf } from '../metrics/machine-samples.ts'
import { REPAIRS } from '../repairs/all.ts'
import { DETECTOR_FAILED } from './detector-failed.ts'
import { settleIncidentAlerts } from './escalation.ts'
import type { Detection, Diagnosis, FaultClass, FaultTarget } from './fault.ts'
import { type Incident, targetOf } from './incident.ts'
import type { Repair } from './repair.ts'
import { runRepair } from './run-repair.ts'
import {
  endUnseen,
  type Found,
  forgetOldIncidents,
  listDetected,
  openIncidents,
  saveDiagnosis,
  takeDue,
} from './store.ts'
import { isBraked, type Look, saveBrake, stormsIn } from './storm.ts'

export interface IncidentCounts {
  /** Kinds of faults that were looked for. */
  readonly checked: number
  /** Of those, the ones that nobody could look for. */
  readonly blind: number
  readonly ill: number
  readonly opened: number
  readonly diagnosed: number
  /** Repairs and verifications that were sent on their way. */
  readonly sent: number
  readonly braked: boolean
  /** Incidents without a repair that are over. */
  readonly ended: number
}

export const REPAIR_FUNCTION = 'repair-incident'

/** Those of which each target belongs to a process, which its facts name as `instance`. */
const OWN_FAULTS = [fullDisk, leakedConnection]
const DETECT_MS_MAX = 20_000 // one that hangs must not hide what the others find; ten were too few on a machine at its limit
const DIAGNOSES_MAX = 100 // of one check; the next one sees the rest
const REPAIRS_MAX = 50
const AGAIN_MS = 20_000 // a message that has not led to a claim by then was lost
const UNSEEN_MS = 100_000 // two checks in a row
const RECURRENCE_MS = 60 * 60_000
const RECURRENCES_MAX = 3 // the same, well again so often within the hour, is not cured but treated
const KEPT_MS = 30 * 24 * 60 * 60_000
const FORGOTTEN_MAX = 500

/**
 * One round of detect, diagnose, repair and verify: opens incidents, explains them, and sends what is due to the repair
 * function. Each step is written before the next begins, so that whatever is interrupted is taken up by the next round.
 */
export async function checkIncidents(
  platform: Platform,
  faults: readonly FaultClass[] = FAULTS,
  repairs: readonly Repair[] = REPAIRS,
): Promise<IncidentCounts> {
  const { store, clock } = platform
  const seen = await Promise.all(faults.map((fault) => look(platform, fault)))
  const looks = seen.filter((one): one is Look => 'detection' in one)
  const blind = seen.filter((one): one is Blind => 'failure' in one)
  const now = clock.now()
  const found: Found[] = [
    ...looks.flatMap(({ fault, detection }) => detection.ill.map((target) => ({ fault, target }))),
    ...blind.map(({ fault, failure }) => {
      const facts = { message: failure }
      return { fault: DETECTOR_FAILED, target: { id: fault.name, facts, occurredAt: null } }
    }),
  ]
  const storms = stormsIn(looks)
  await saveBrake(store, storms, now)
  const opened = await openIncidents(store, found, now)
  const diagnosed = await diagnoseAll(platform, faults)
  // A later moment: what has just been explained is due from then.
  const explained = clock.now()
  const again = new Date(explained.getTime() + AGAIN_MS)
  const whose = { instance: instanceOf(platform.workerId), ownOnly: false }
  const due = await takeDue(store, { ...whose, now: explained, again, braked: storms.length > 0, limit: REPAIRS_MAX })
  for (const { id, claim } of due) await sendRepair(platform, id, claim, repairs)
  const unseenSince = new Date(now.getTime() - UNSEEN_MS)
  const ended = await endUnseen(
    store,
    now,
    unseenSince,
    blind.map(({ fault }) => fault.name),
  )
  await settleIncidentAlerts(platform, storms)
  await forgetOldIncidents(store, new Date(now.getTime() - KEPT_MS), FORGOTTEN_MAX)
  const counts = { checked: faults.length, blind: blind.length, ill: found.length, opened, diagnosed }
  return { ...counts, sent: due.length, braked: storms.length > 0, ended }
}

/**
 * Finds and repairs what this process alone can: its own connections, its own disk. Each process does this at each check,
 * whoever leads: one that had to be told would lose a minute.
 * @returns how many
 */
export async function repairOwn(platform: Platform, repairs: readonly Repair[] = REPAIRS): Promise<number> {
  const { store, clock, workerId, log } = platform
  try {
    await findOwn(platform)
    const now = clock.now()
    const again = new Date(now.getTime() + AGAIN_MS)
    const braked = await isBraked(store)
    const whose = { instance: instanceOf(workerId), ownOnly: true }
    const due = await takeDue(store, { ...whose, now, again, braked, limit: REPAIRS_MAX })
    for (const { id, claim } of due) await runRepair(platform, { incident_id: id, claim }, repairs)
    return due.length
  } catch (cause) {
    log('background.failed', { what: 'repair what is its own', message: String(cause) })
    return 0
  }
}

async function findOwn(platform: Platform): Promise<void> {
  const isOwn = ({ facts }: Pick<FaultTarget, 'facts'>) => facts.instance === instanceOf(platform.workerId)
  const seen = await Promise.all(OWN_FAULTS.map((fault) => look(platform, fault)))
  const found = seen.flatMap((one) =>
    'detection' in one ? one.detection.ill.filter(isOwn).map((target) => ({ fault: one.fault, target })) : [],
  )
  if (found.length === 0) return
  await openIncidents(platform.store, found, platform.clock.now())
  await diagnoseAll(platform, OWN_FAULTS, isOwn)
}

/** Sends an incident to the repair function; where no message can be sent, its repair runs here. */
export async function sendRepair(
  platform: Platform,
  id: number,
  claim: number,
  repairs: readonly Repair[] = REPAIRS,
): Promise<void> {
  try {
    await platform.queue.send({ function: REPAIR_FUNCTION, body: { incident_id: id, claim } })
  } catch (cause) {
    platform.log('background.failed', { what: 'send repair', incidentId: id, message: String(cause) })
    await runRepair(platform, { incident_id: id, claim }, repairs)
  }
}

interface Blind {
  readonly fault: FaultClass
  readonly failure: string
}

async function look(platform: Platform, fault: FaultClass): Promise<Look | Blind> {
  const over = new AbortController()
  try {
    const late = platform.clock.sleep(DETECT_MS_MAX, over.signal).then(() => {
      if (!over.signal.aborted) throw new Error(`It did not answer within ${DETECT_MS_MAX / 1000} s`)
      return NOTHING
    })
    return { fault, detection: await Promise.race([detectTwice(platform, fault), late]) }
  } catch (cause) {
    const failure = cause instanceof Error ? cause.message : String(cause)
    platform.log('background.failed', { what: `detect ${fault.name}`, message: failure })
    return { fault, failure }
  } finally {
    over.abort()
  }
}

const NOTHING: Detection = { ill: [], of: 0 }

/** Once more where what failed may pass: a connection that was cut a moment ago makes no detector ill. */
async function detectTwice(platform: Platform, fault: FaultClass): Promise<Detection> {
  try {
    return await fault.detect(platform)
  } catch (cause) {
    if (cause instanceof Problem && cause.retryable) return await fault.detect(platform)
    throw cause
  }
}

/** Explains what has none yet, also what an earlier round left; of some, where told so. @returns how many */
async function diagnoseAll(
  platform: Platform,
  faults: readonly FaultClass[],
  isMeant: (incident: Incident) => boolean = () => true,
): Promise<number> {
  const { store, clock, log } = platform
  const since = new Date(clock.now().getTime() - RECURRENCE_MS)
  let diagnosed = 0
  for (const { incident, times } of await listDetected(store, DIAGNOSES_MAX, since)) {
    if (!isMeant(incident)) continue
    const recurs = times >= RECURRENCES_MAX && incident.askedBy === null
    try {
      const told = await diagnose(platform, faults, incident)
      const diagnosis = recurs ? comesBack(told, times) : told
      if (!(await saveDiagnosis(store, incident.id, diagnosis, clock.now(), recurs))) continue
      diagnosed += 1
      const { id, fault, target } = incident
      log('incident.opened', { incidentId: id, fault, target, rule: diagnosis.rule, repair: diagnosis.repair })
    } catch (cause) {
      // It stays detected: the next round asks again.
      log('background.failed', { what: `diagnose ${incident.fault}`, incidentId: incident.id, message: String(cause) })
    }
  }
  return diagnosed
}

async function diagnose(platform: Platform, faults: readonly FaultClass[], incident: Incident): Promise<Diagnosis> {
  if (incident.fault === DETECTOR_FAILED.name) {
    const message = String(incident.facts.message)
    const zh = `检测器 ${incident.target} 抛出错误：${message}`
    return {
      rule: 'detector-throws',
      explanation: { zh, en: `${incident.target} threw: ${message}` },
      repair: 'look-again',
    }
  }
  const fault = faults.find(({ name }) => name === incident.fault)
  if (fault !== undefined) return await fault.diagnose(platform, targetOf(incident))
  const explanation = { zh: '当前版本不再认识此类故障', en: 'This version of Helix knows no such fault' }
  return { rule: 'unknown-fault', explanation, repair: null }
}

function comesBack({ explanation, repair }: Diagnosis, times: number): Diagnosis {
  return {
    rule: 'comes-back',
    explanation: {
      zh: `一小时内已修复 ${times} 次又复发，需要人工处理。${explanation.zh}`,
      en: `It was repaired ${times} times within the hour and came back: a person is needed. ${explanation.en}`,
    },
    repair,
  }
}
