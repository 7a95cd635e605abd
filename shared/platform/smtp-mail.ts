import { createTransport } from 'nodemailer'
import type { Mail } from './mail.ts'
import { maskText } from './mask.ts'

const PATIENCE_MS = 10_000 // a mail server answers at once, or its queue is where the letter should not wait

/**
 * Letters by SMTP. Needs sockets, so that only entries on Node.js open it.
 * @param url `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte
 */
export function smtpMail(url: string): Mail {
  return {
    async send({ to, from, subject, text, messageId }) {
      const patience = { connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS }
      const transport = createTransport({ url, ...patience })
      try {
        await transport.sendMail({ to, from, subject, text, messageId: `<${messageId}@helix>` })
      } catch (cause) {
        throw new Error(maskText(cause instanceof Error ? cause.message : String(cause)))
      } finally {
        transport.close()
      }
    },
  }
}
