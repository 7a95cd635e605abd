import type { Platform } from '../../../platform/platform.ts'
import { CHANNELS, type Channel, type ChannelName } from './channel.ts'
import { dingTalk, slack } from './chat.ts'
import { email } from './email.ts'
import { webhook } from './webhook.ts'

/** Whether a channel can be used: `cannot` says that this platform has no way to, however it is configured. */
export type ChannelState = 'ready' | 'not_configured' | 'cannot'

/** The channels that are configured and can be used here. */
export function openChannels(platform: Platform): Channel[] {
  return CHANNELS.map((name) => openChannel(platform, name)).filter((channel) => channel !== null)
}

export function openChannel(platform: Platform, name: ChannelName): Channel | null {
  const { config, mail } = platform
  const { HELIX_ALERT_WEBHOOK_URL: hook, HELIX_ALERT_SLACK_URL: room, HELIX_ALERT_DINGTALK_URL: robot } = config
  switch (name) {
    case 'webhook':
      return hook === undefined ? null : webhook(platform, hook, config.HELIX_ALERT_WEBHOOK_SECRET)
    case 'slack':
      return room === undefined ? null : slack(platform, room)
    case 'dingtalk':
      return robot === undefined ? null : dingTalk(platform, robot, config.HELIX_ALERT_DINGTALK_SECRET)
    case 'email': {
      const to = config.HELIX_ALERT_EMAIL_TO
      return to === undefined || mail === null ? null : email(platform, mail, to)
    }
  }
}

export function channelState(platform: Platform, name: ChannelName): ChannelState {
  if (openChannel(platform, name) !== null) return 'ready'
  return name === 'email' && platform.config.HELIX_ALERT_EMAIL_TO !== undefined ? 'cannot' : 'not_configured'
}
