import type { Platform } from '../../platform/platform.ts'
import type { Severity } from '../../platform/problems.ts'
import { randomId } from '../../platform/random.ts'
import type { Alert } from './alerts.ts'
import { openChannels } from './channels/all.ts'
import type { AlertMessage, Channel } from './channels/channel.ts'
import { finishMessage, type TakenMessage, takeMessages } from './deliveries.ts'

export interface DeliveryCounts {
  /** Messages that a receiver has taken. */
  readonly sent: number
  /** Messages that are tried again later. */
  readonly failed: number
}

const SEVERITIES: readonly Severity[] = ['P0', 'P1', 'P2']
const LEASE_MS = 60_000 // longer than the patience with any channel; who died with it costs one tick
const BACKOFF_MS = [30_000, 60_000, 2 * 60_000, 5 * 60_000, 10 * 60_000, 30 * 60_000]

/**
 * Tells what has to be told, on every channel. At least once: a process that dies after sending leaves a message that is sent
 * again under the same id. Safe to run in any number of processes at once: the row of a window decides who tells.
 * @param severities what begins only; what failed before and what is over is told whatever it is
 */
export async function deliverAlerts(
  platform: Platform,
  severities: readonly Severity[] = SEVERITIES,
): Promise<DeliveryCounts> {
  let [sent, failed] = [0, 0]
  for (const channel of openChannels(platform)) {
    for (const message of await take(platform, channel, severities)) {
      if (await tell(platform, channel, message)) sent += 1
      else failed += 1
    }
  }
  return { sent, failed }
}

async function take(
  { store, clock, random, workerId }: Platform,
  { name }: Channel,
  severities: readonly Severity[],
): Promise<TakenMessage[]> {
  const at = clock.now()
  const leaseEndsAt = new Date(at.getTime() + LEASE_MS)
  const prefix = `${at.getTime().toString(36)}-${randomId(random)}`
  return await store.transaction((tx) =>
    takeMessages(tx, {
      channel: name,
      severities,
      at,
      leaseEndsAt,
      prefix,
      takenBy: `${workerId} ${prefix}`.slice(-100),
    }),
  )
}

async function tell(platform: Platform, channel: Channel, taken: TakenMessage): Promise<boolean> {
  const { store, clock, log } = platform
  const { messageId, kind, claim, attempts } = taken
  const outcome = await channel.send(messageOf(taken, clock.now()))
  const at = clock.now()
  const pauseMs = Math.max(backoffMs(attempts), outcome.ok ? 0 : (outcome.waitMs ?? 0))
  const end = { messageId, channel: channel.name, kind, claim }
  if (outcome.ok) {
    await finishMessage(store, { ...end, sentAt: at, reason: null, nextAt: at })
    log('alert.sent', { message: messageId, channel: channel.name, alerts: taken.alerts.map(({ id }) => id) })
  } else {
    const nextAt = new Date(at.getTime() + pauseMs)
    await finishMessage(store, { ...end, sentAt: null, reason: outcome.reason, nextAt })
    log('alert.not_sent', { message: messageId, channel: channel.name, reason: outcome.reason })
  }
  return outcome.ok
}

function backoffMs(attempts: number): number {
  return BACKOFF_MS[Math.min(attempts, BACKOFF_MS.length - 1)] ?? 0
}

function messageOf({ messageId, kind, alerts }: TakenMessage, at: Date): AlertMessage {
  return { id: messageId, kind, component: alerts[0]?.component ?? 'system', severity: worstOf(alerts), alerts, at }
}

/** P0 before P1 before P2. */
export function worstOf(alerts: readonly Pick<Alert, 'severity'>[]): Severity {
  return SEVERITIES.find((severity) => alerts.some((alert) => alert.severity === severity)) ?? 'P2'
}
