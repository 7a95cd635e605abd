import { localTime } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Language } from '../../platform/problems.ts'
import type { Alert } from './alerts.ts'
import { channelState } from './channels/all.ts'
import { CHANNELS, type ChannelName } from './channels/channel.ts'
import { type Delivery, deliveriesOf, windowsOf } from './deliveries.ts'

export const DELIVERY_STATES = [
  'sent',
  'sending',
  'retrying',
  'waiting',
  'repeated',
  'silenced',
  'acknowledged',
  'resolved',
  'not_configured',
  'cannot',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** Whether an alert was told on a channel, and why it was not. */
export interface ChannelReport {
  readonly channel: ChannelName
  readonly state: DeliveryState
  readonly reason: Readonly<Record<Language, string>>
}

/** A report a channel, and every delivery so far, newest first. */
export async function reportDeliveries(
  platform: Platform,
  alert: Alert,
): Promise<{ channels: ChannelReport[]; deliveries: Delivery[] }> {
  const deliveries = await deliveriesOf(platform.store, alert.id)
  const windows = await windowsOf(platform.store, alert)
  const channels = CHANNELS.map((channel): ChannelReport => {
    const told = deliveries.find((one) => one.channel === channel && one.kind === 'firing')
    const window = windows.find((one) => one.channel === channel)
    return { channel, ...explained(platform, { alert, channel, told, window }) }
  })
  return { channels, deliveries }
}

interface Case {
  readonly alert: Alert
  readonly channel: ChannelName
  readonly told: Delivery | undefined
  readonly window: { readonly alertId: number; readonly beganAt: Date; readonly endsAt: Date } | undefined
}

function explained(platform: Platform, { alert, channel, told, window }: Case): Omit<ChannelReport, 'channel'> {
  const time = (at: Date) => localTime(at, platform.clock.timeZone).replace('T', ' ')
  const configured = channelState(platform, channel)
  if (told?.status === 'sent' && told.sentAt !== null) {
    const at = time(told.sentAt)
    return { state: 'sent', reason: { zh: `已于 ${at} 发送`, en: `Sent at ${at}` } }
  }
  if (configured === 'not_configured') {
    return { state: 'not_configured', reason: { zh: '未配置该渠道', en: 'The channel is not configured' } }
  }
  if (configured === 'cannot') {
    return {
      state: 'cannot',
      reason: { zh: '当前平台无法发送邮件', en: 'This platform has no way to send letters' },
    }
  }
  if (told?.status === 'retrying') {
    const [next, why] = [time(told.nextAt), told.reason ?? '']
    return {
      state: 'retrying',
      reason: {
        zh: `已失败 ${told.attempts} 次（${why}），${next} 后重试`,
        en: `Failed ${told.attempts} times (${why}); tried again after ${next}`,
      },
    }
  }
  if (alert.status !== 'firing') return ended(alert, time)
  if (told?.status === 'taken') {
    return { state: 'sending', reason: { zh: '正在发送', en: 'It is being sent' } }
  }
  if (window !== undefined && window.alertId !== alert.id && window.endsAt > platform.clock.now()) {
    const [began, ends] = [time(window.beganAt), time(window.endsAt)]
    return {
      state: 'repeated',
      reason: {
        zh: `相同告警（#${window.alertId}）已于 ${began} 通知，24 小时内不重复；${ends} 后可再次通知`,
        en: `The same alert (#${window.alertId}) was told at ${began}; it is not repeated before ${ends}`,
      },
    }
  }
  return { state: 'waiting', reason: { zh: '等待下一次检查时发送', en: 'It is sent by the next check' } }
}

/** Why an alert that no longer fires was never told. */
function ended(alert: Alert, time: (at: Date) => string): Omit<ChannelReport, 'channel'> {
  if (alert.status === 'acknowledged') {
    const by = alert.acknowledgedBy ?? ''
    return { state: 'acknowledged', reason: { zh: `${by} 已确认，不再通知`, en: `Acknowledged by ${by}` } }
  }
  if (alert.status === 'silenced' && alert.silencedUntil !== null) {
    const until = time(alert.silencedUntil)
    return { state: 'silenced', reason: { zh: `已静默至 ${until}`, en: `Silenced until ${until}` } }
  }
  return { state: 'resolved', reason: { zh: '发送前已恢复', en: 'It was over before it could be told' } }
}
