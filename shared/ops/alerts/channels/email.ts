import type { Mail } from '../../../platform/mail.ts'
import type { Platform } from '../../../platform/platform.ts'
import type { Channel } from './channel.ts'
import { languageOf, textOf } from './chat.ts'
import { titleOf } from './words.ts'

const SENDER_USUAL = 'helix@localhost'

/** Letters to people. */
export function email(platform: Platform, mail: Mail, to: string): Channel {
  return {
    name: 'email',
    async send(message) {
      try {
        await mail.send({
          to,
          from: platform.config.HELIX_ALERT_EMAIL_FROM ?? SENDER_USUAL,
          subject: titleOf(message, languageOf(platform)),
          text: textOf(message, platform),
          messageId: message.id.replaceAll(/[^A-Za-z0-9.-]/g, '.'),
        })
        return { ok: true }
      } catch (cause) {
        return { ok: false, reason: cause instanceof Error ? cause.message : String(cause) }
      }
    },
  }
}
