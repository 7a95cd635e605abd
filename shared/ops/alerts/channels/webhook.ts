import { localTime } from '../../../platform/clock.ts'
import type { Platform } from '../../../platform/platform.ts'
import type { AlertMessage, Channel } from './channel.ts'
import { postJson } from './post.ts'
import { hex, hmacSha256 } from './sign.ts'
import { titleOf } from './words.ts'

/**
 * JSON to any address. With a secret it is signed: `X-Helix-Signature: v1=` and the HMAC-SHA256, in hex, of the timestamp
 * (`X-Helix-Timestamp`, seconds), a dot and the body. A receiver refuses old timestamps and remembers `Idempotency-Key`.
 */
export function webhook(platform: Platform, url: string, secret: string | undefined): Channel {
  return {
    name: 'webhook',
    async send(message) {
      const body = JSON.stringify(payloadOf(message, platform))
      const timestamp = String(Math.floor(platform.clock.now().getTime() / 1000))
      const signature =
        secret === undefined
          ? {}
          : { 'x-helix-signature': `v1=${hex(await hmacSha256(secret, `${timestamp}.${body}`))}` }
      const headers = {
        'idempotency-key': message.id,
        'x-helix-event': `alerts.${message.kind}`,
        'x-helix-timestamp': timestamp,
        ...signature,
      }
      return await postJson(platform, url, body, { headers })
    },
  }
}

function payloadOf(message: AlertMessage, { clock }: Platform) {
  const time = (at: Date | null) => (at === null ? null : at.toISOString())
  return {
    message_id: message.id,
    event: message.kind,
    component: message.component,
    severity: message.severity,
    title: { zh: titleOf(message, 'zh'), en: titleOf(message, 'en') },
    sent_at: message.at.toISOString(),
    local_time: localTime(message.at, clock.timeZone),
    alerts: message.alerts.map((alert) => ({
      id: alert.id,
      rule: alert.rule,
      component: alert.component,
      severity: alert.severity,
      status: alert.status,
      message: alert.message,
      value: alert.value,
      first_seen_at: time(alert.firstSeenAt),
      last_seen_at: time(alert.lastSeenAt),
      resolved_at: time(alert.resolvedAt),
      response_minutes: alert.responseMinutes,
    })),
  }
}
