import { backoffMs } from '../../engine/backoff.ts'
import { writeAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import { REPAIRS } from '../repairs/all.ts'
import { settleEscalations } from './escalation.ts'
import { type Incident, targetOf } from './incident.ts'
import type { Repair, RepairGuard, RepairOutcome, Verdict } from './repair.ts'
import { extendRepair, releaseRepair, saveRepaired, saveVerdict, takeRepair } from './repair-store.ts'
import { isBraked } from './storm.ts'

export interface RepairMessage {
  readonly incident_id: number
  readonly claim: number
}

export type RepairAnswer =
  /** Another worker has it, or it is over. */
  | { readonly kind: 'stale' }
  /** The storm brake holds it back. */
  | { readonly kind: 'braked' }
  | { readonly kind: 'verified' | 'not_fixed' | 'unknown' | 'escalated' }

const LEASE_MS = 60_000 // a repair that takes longer holds its guard in between, which extends it
const BRAKED_MS = 60_000
const UNKNOWN_MS = 5_000 // until it is asked again; what was sent on its way needs some seconds
const ESCALATED_MS = 30_000 // shorter than a check's minute, so that each check looks at what waits for a person
const FAILURES_MAX = 2
const UNKNOWNS_MAX = 8 // a minute or more without an answer: a person may know
const CLAIMS_MAX = 40 // a repair that ends its worker each time must end, too

/**
 * Repairs what an incident is about, if it has not been yet, and asks whether that helped. Every step is written down
 * under the claim before the next begins: a worker that dies leaves the rest to the next one.
 */
export async function runRepair(
  platform: Platform,
  message: RepairMessage,
  repairs: readonly Repair[] = REPAIRS,
): Promise<RepairAnswer> {
  const { store, clock, workerId } = platform
  const lease = () => ({ now: clock.now(), until: new Date(clock.now().getTime() + LEASE_MS) })
  const incident = await takeRepair(store, message, workerId, lease())
  if (incident === null) return { kind: 'stale' }
  const repair = repairs.find(({ name }) => name === incident.repair)
  const isDue = incident.status === 'repairing' && incident.repairedAt === null
  if (isDue && incident.askedBy === null && (await isBraked(store))) {
    await releaseRepair(store, incident, new Date(clock.now().getTime() + BRAKED_MS))
    return { kind: 'braked' }
  }
  if (repair === undefined || incident.claim > CLAIMS_MAX) return await settle(platform, incident, 'unknown', true)
  if (isDue && !(await tryRepair(platform, repair, incident, () => lease().until))) {
    return await settle(platform, incident, 'not_fixed')
  }
  return await settle(platform, incident, await verdictOf(platform, repair, incident))
}

/** @returns whether it ran to its end */
async function tryRepair(platform: Platform, repair: Repair, incident: Incident, until: () => Date): Promise<boolean> {
  const guard = guardOf(platform, repair, incident, until)
  let outcome: RepairOutcome
  let failed = false
  try {
    outcome = await repair.run(platform, targetOf(incident), guard)
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'lease_lost') throw thrown
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    platform.log('background.failed', { what: `repair ${repair.name}`, incidentId: incident.id, message })
    outcome = { changed: false, summary: { zh: `修复出错：${message}`, en: `The repair failed: ${message}` } }
    failed = true
  }
  await saveRepaired(platform.store, incident, outcome, platform.clock.now())
  return !failed
}

async function verdictOf(platform: Platform, repair: Repair, incident: Incident): Promise<Verdict> {
  try {
    return await repair.verify(platform, targetOf(incident))
  } catch (cause) {
    const { id: incidentId } = incident
    platform.log('background.failed', { what: `verify ${repair.name}`, incidentId, message: String(cause) })
    return 'unknown'
  }
}

/** Writes what came of it, and makes the next look due. @param escalate whatever the counts say */
async function settle(
  platform: Platform,
  incident: Incident,
  verdict: Verdict,
  escalate = false,
): Promise<RepairAnswer> {
  const { store, clock, random, log } = platform
  const { id, fault, target, repair } = incident
  const wasEscalated = incident.status === 'escalated'
  const failures = incident.attempts + (verdict === 'not_fixed' && !wasEscalated ? 1 : 0)
  const unknowns = verdict === 'unknown' && !wasEscalated ? incident.unknowns + 1 : 0
  const isOver = verdict === 'fixed'
  const escalated = !isOver && (wasEscalated || escalate || failures >= FAILURES_MAX || unknowns >= UNKNOWNS_MAX)
  const waitMs = escalated ? ESCALATED_MS : verdict === 'unknown' ? UNKNOWN_MS : backoffMs(failures, random)
  const now = clock.now()
  const status = isOver ? 'verified' : escalated ? 'escalated' : verdict === 'unknown' ? 'repairing' : 'diagnosed'
  const next = {
    status,
    verdict,
    attempts: failures,
    unknowns,
    at: now,
    nextTryAt: new Date(now.getTime() + waitMs),
  } as const
  if (!(await saveVerdict(store, incident, next))) return { kind: 'stale' }
  if (isOver) log('incident.verified', { incidentId: id, fault, target, repair })
  else if (escalated && !wasEscalated) log('incident.escalated', { incidentId: id, fault, target, repair, verdict })
  if (wasEscalated ? isOver : escalated) await settleEscalations(platform)
  if (status === 'diagnosed' || status === 'repairing') await sendLater(platform, incident, status, waitMs)
  return { kind: isOver ? 'verified' : escalated ? 'escalated' : verdict === 'unknown' ? 'unknown' : 'not_fixed' }
}

/** So that nobody waits for the next check; should the message be lost, that one sends it again. */
async function sendLater(
  { queue, log, store }: Platform,
  { id, claim }: Incident,
  status: 'diagnosed' | 'repairing',
  waitMs: number,
): Promise<void> {
  try {
    if (status === 'diagnosed' && (await isBraked(store))) return
    const message = { function: 'repair-incident', body: { incident_id: id, claim } }
    await queue.send(message, Math.ceil(waitMs / 1000))
  } catch (cause) {
    log('background.failed', { what: 'send repair', incidentId: id, message: String(cause) })
  }
}

function guardOf(platform: Platform, repair: Repair, incident: Incident, until: () => Date): RepairGuard {
  const { id: incidentId, claim, askedBy, fault, target, rule } = incident
  return {
    incidentId,
    claim,
    async hold(tx, change) {
      if (!(await extendRepair(tx, incident, platform.workerId, until()))) {
        throw new Problem('lease_lost', `The repair of the incident ${incidentId} belongs to another worker by now`)
      }
      if (change === undefined) return
      await writeAudit(tx, {
        at: platform.clock.now(),
        actor: askedBy ?? 'helix',
        action: `repair.${repair.name}`,
        target: `${fault}:${target}`,
        reason: rule,
        ...change,
      })
    },
  }
}
