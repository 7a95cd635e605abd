import type { Platform } from '../../../platform/platform.ts'
import type { Language } from '../../../platform/problems.ts'
import type { AlertMessage, Channel, SendOutcome } from './channel.ts'
import { type Answer, postJson } from './post.ts'
import { base64, hmacSha256 } from './sign.ts'
import { linesOf, titleOf } from './words.ts'

/** An incoming webhook of Slack. */
export function slack(platform: Platform, url: string): Channel {
  return {
    name: 'slack',
    send: (message) => postJson(platform, url, JSON.stringify({ text: escapedForSlack(textOf(message, platform)) })),
  }
}

// Slack reads these three as markup of its own.
function escapedForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const TOO_FAST = new Set([130101, 410100]) // more than 20 messages in a minute
const TOO_FAST_WAIT_MS = 10 * 60_000 // for so long DingTalk then refuses everything

/** A robot of DingTalk, with the secret of its signature where it has one. */
export function dingTalk(platform: Platform, url: string, secret: string | undefined): Channel {
  return {
    name: 'dingtalk',
    async send(message) {
      const body = JSON.stringify({ msgtype: 'text', text: { content: textOf(message, platform) } })
      const address = secret === undefined ? url : await signed(url, secret, platform.clock.now())
      return await postJson(platform, address, body, { judge: verdictOfDingTalk })
    },
  }
}

async function signed(url: string, secret: string, at: Date): Promise<string> {
  const timestamp = String(at.getTime())
  const address = new URL(url)
  address.searchParams.set('timestamp', timestamp)
  address.searchParams.set('sign', base64(await hmacSha256(secret, `${timestamp}\n${secret}`)))
  return address.href
}

/** DingTalk answers 200 also when it refuses; whether it took the message is in the body. */
function verdictOfDingTalk({ text }: Answer): SendOutcome {
  const { errcode, errmsg } = readJson(text)
  if (errcode === 0) return { ok: true }
  if (typeof errcode !== 'number') return { ok: false, reason: `no answer of DingTalk: ${text}` }
  const reason = `errcode ${errcode}: ${String(errmsg ?? '')}`
  return TOO_FAST.has(errcode) ? { ok: false, reason, waitMs: TOO_FAST_WAIT_MS } : { ok: false, reason }
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Title and lines, in the language of this installation. */
export function textOf(message: AlertMessage, platform: Pick<Platform, 'config' | 'clock'>): string {
  const language = languageOf(platform)
  return [titleOf(message, language), ...linesOf(message, language, platform.clock.timeZone)].join('\n')
}

export function languageOf({ config }: Pick<Platform, 'config'>): Language {
  return config.HELIX_LANGUAGE === 'en' ? 'en' : 'zh'
}
