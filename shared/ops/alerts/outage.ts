import * as z from 'zod'
import { readText } from '../../platform/files.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import { randomId } from '../../platform/random.ts'
import { type Alert, RESPONSE_MINUTES, raiseAlert, resolveAlert } from './alerts.ts'
import { openChannels } from './channels/all.ts'
import { CHANNELS, type ChannelName } from './channels/channel.ts'

/** The alert of a store that does not answer: it can't be written there before the store is back. */
export const OUTAGE_RULE = 'store_unreachable'

const FILE = 'alerts/outage.json'
const LEASE_MS = 45_000 // who took it and has not told within this has died with it; the next minute's check tells
const MESSAGE = {
  zh: '数据库没有响应：任务、接口和告警规则都已停止工作',
  en: 'The store does not answer: tasks, the API and the rules of alerts stand still',
}

const Outage = z.object({
  id: z.string(),
  since: z.coerce.date(),
  takenAt: z.coerce.date(),
  told: z.partialRecord(z.enum(CHANNELS), z.string()),
  /** Until when a channel that refused asked to be left alone. */
  waits: z.partialRecord(z.enum(CHANNELS), z.coerce.date()).default({}),
})
type Outage = z.infer<typeof Outage>

// By the configuration, which is one object a process: for when the files can't be written either.
const REMEMBERED = new WeakMap<object, Outage>()

/**
 * Tells people, on every channel once, that the store does not answer. A file that one process at a time can take stands for
 * the rows that can't be written; where there are no files either, each process tells once.
 * @returns how many messages left
 */
export async function tellOutage(platform: Platform): Promise<number> {
  const taken = await take(platform)
  if (taken === null) return 0
  let sent = 0
  const [told, waits] = [{ ...taken.outage.told }, { ...taken.outage.waits }]
  for (const channel of openChannels(platform)) {
    const at = platform.clock.now()
    if (!isOwed({ told, waits }, channel.name, at)) continue
    const alerts = [alertOf(taken.outage, at)]
    const outcome = await channel.send({
      id: taken.outage.id,
      kind: 'firing',
      component: 'database',
      severity: 'P0',
      alerts,
      at,
    })
    platform.log(outcome.ok ? 'alert.sent' : 'alert.not_sent', {
      message: taken.outage.id,
      channel: channel.name,
      ...(outcome.ok ? {} : { reason: outcome.reason }),
    })
    if (!outcome.ok) {
      if (outcome.waitMs !== undefined) waits[channel.name] = new Date(at.getTime() + outcome.waitMs)
      continue
    }
    told[channel.name] = at.toISOString()
    sent += 1
  }
  await remember(platform, { ...taken.outage, told, waits }, taken.etag)
  return sent
}

// No row: it is known already; a process died between this and removing the file.
const IS_KNOWN = `
  select
    from alert_deliveries
   where message_id = $1
   limit 1`

const WRITE_TOLD = `
  insert into alert_deliveries (message_id, alert_id, channel, kind, status, attempts, next_at, taken_by, created_at, sent_at)
  select $1, id, $2, 'firing', 'sent', 1, $3, $1, $3, $3
    from alerts
   where fingerprint = $4 and status <> 'resolved'`

/** Writes down an outage that is over, as the alert that it was: its end is then told like any other's. By one process at a time. */
export async function closeOutage(platform: Platform): Promise<void> {
  const { store, clock, files } = platform
  const outage = REMEMBERED.get(platform.config) ?? (await read(platform))?.outage
  if (outage === undefined) return
  await store.transaction(async (tx) => {
    if ((await tx.query(IS_KNOWN, [outage.id])).rowCount > 0) return
    await raiseAlert(tx, { rule: OUTAGE_RULE, severity: 'P0', component: 'database', message: MESSAGE }, outage.since)
    for (const [channel, at] of Object.entries(outage.told)) {
      await tx.query(WRITE_TOLD, [outage.id, channel, at, OUTAGE_RULE])
    }
    await resolveAlert(tx, OUTAGE_RULE, clock.now())
  })
  platform.log('alert.resolved', { rule: OUTAGE_RULE })
  REMEMBERED.delete(platform.config)
  await files.delete([FILE])
}

interface Found {
  readonly outage: Outage
  /** Null where it is only remembered. */
  readonly etag: string | null
}

/** The outage, when something of it is to be told by this process. */
async function take(platform: Platform): Promise<Found | null> {
  const now = platform.clock.now()
  const names = openChannels(platform).map(({ name }) => name)
  try {
    const found = await read(platform)
    if (found !== null && !isDue(found.outage, names, now)) return null
    const outage = found === null ? newOutage(platform) : { ...found.outage, takenAt: now }
    const condition = found?.etag == null ? { ifNoneMatch: '*' as const } : { ifMatch: found.etag }
    const { etag } = await platform.files.put(FILE, JSON.stringify(outage), condition)
    return { outage, etag }
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'file_conflict') return null // another process tells
    platform.log('background.failed', { what: 'remember the outage', message: String(cause) })
    const outage = REMEMBERED.get(platform.config) ?? newOutage(platform)
    return names.some((name) => isOwed(outage, name, now)) ? { outage, etag: null } : null
  }
}

/** A process that has it tells within a minute; what one could not tell, or has not lived to tell, is told by the next. */
function isDue(outage: Outage, names: readonly ChannelName[], now: Date): boolean {
  return names.some((name) => isOwed(outage, name, now)) && now.getTime() - outage.takenAt.getTime() >= LEASE_MS
}

/** Whether a channel has not been told, and does not want to be left alone just now. */
function isOwed({ told, waits }: Pick<Outage, 'told' | 'waits'>, name: ChannelName, now: Date): boolean {
  const until = waits[name]
  return told[name] === undefined && (until === undefined || until <= now)
}

function newOutage({ clock, random }: Platform): Outage {
  const now = clock.now()
  return { id: `${randomId(random)}-outage`, since: now, takenAt: now, told: {}, waits: {} }
}

async function read({ files }: Platform): Promise<Found | null> {
  const info = await files.head(FILE)
  const text = info === null ? null : await readText(files, FILE)
  if (info === null || text === null) return null
  return { outage: Outage.parse(JSON.parse(text)), etag: info.etag }
}

async function remember(platform: Platform, outage: Outage, etag: string | null): Promise<void> {
  if (etag === null) {
    REMEMBERED.set(platform.config, outage)
    return
  }
  try {
    await platform.files.put(FILE, JSON.stringify(outage), { ifMatch: etag })
  } catch (cause) {
    platform.log('background.failed', { what: 'remember the outage', message: String(cause) })
  }
}

function alertOf({ since }: Outage, at: Date): Alert {
  return {
    id: 0, // it gets its number when the store is back
    rule: OUTAGE_RULE,
    severity: 'P0',
    status: 'firing',
    component: 'database',
    message: MESSAGE,
    responseMinutes: RESPONSE_MINUTES.P0,
    value: null,
    firstSeenAt: since,
    lastSeenAt: at,
    acknowledgedBy: null,
    acknowledgedAt: null,
    silencedUntil: null,
    resolvedAt: null,
  }
}
