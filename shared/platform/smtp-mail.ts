import { createTransport } from 'nodemailer'
import type { Mail } from './mail.ts'
import { maskText } from './mask.ts'

const PATIENCE_MS = 10_000 // a mail server answers at once, or its queue is where the letter should not wait

/**
 * Letters by SMTP. Needs sockets, so that only entries on Node.js open it.
 * @param url `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte; nodemailer's options as parameters
 */
export function smtpMail(url: string): Mail {
  return {
    async send({ to, from, subject, text, messageId }) {
      const transport = createTransport(withPatience(url))
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

/** Options beside a URL are passed over: what is waited for, two to ten minutes otherwise, must be in it. */
export function withPatience(url: string): string {
  const address = new URL(url)
  for (const name of ['connectionTimeout', 'greetingTimeout', 'socketTimeout']) {
    if (!address.searchParams.has(name)) address.searchParams.set(name, String(PATIENCE_MS))
  }
  return address.href
}
