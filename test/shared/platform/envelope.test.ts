import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../shared/platform/config.ts'
import { breachText, CONNECTION_SHARES, ENVELOPE, envelopeExceeded } from '../../../shared/platform/envelope.ts'
import { MESSAGE_BYTES_MAX, MESSAGE_DELAY_SECONDS_MAX } from '../../../shared/platform/queue.ts'

describe('the table of limits', () => {
  test('agrees with what queues and steps keep to', () => {
    expect(MESSAGE_BYTES_MAX).toBe(ENVELOPE.message_size.max)
    expect(MESSAGE_DELAY_SECONDS_MAX).toBe(ENVELOPE.message_delay.max)
    expect(parseConfig({}).HELIX_SLICE_SECONDS).toBe(ENVELOPE.slice.max)
    expect(ENVELOPE.slice.max).toBeLessThan(ENVELOPE.invocation.max)
  })

  test('is what the documentation says, in both languages', () => {
    for (const language of ['', '.zh-CN']) {
      const text = readFileSync(new URL(`../../../docs/portability${language}.md`, import.meta.url), 'utf8')
      for (const [name, limit] of Object.entries(ENVELOPE)) {
        const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`))
        const number = limit.unit === 'bytes' ? limit.max / (limit.max >= 1_000_000 ? 1_000_000 : 1_000) : limit.max
        expect(row, name).toMatch(new RegExp(`\\b${number}\\b`))
        for (const platform of limit.platforms) expect(row, name).toContain(platform)
      }
    }
  })

  test('shares the connections of an invocation among store, source and model', () => {
    const { store, source, sourceBesideModel, model } = CONNECTION_SHARES
    expect(store + source).toBeLessThanOrEqual(ENVELOPE.connections.max)
    expect(store + sourceBesideModel + model).toBe(ENVELOPE.connections.max)
  })
})

test('a breach says what was measured, where it would break and what the limit is', () => {
  expect(breachText('memory', 200_400_000)).toBe(
    'Memory kept by an invocation: 200 MB would break on Cloudflare Workers, 128 MB at most',
  )
  expect(envelopeExceeded('connections', 7)).toMatchObject({
    code: 'envelope_exceeded',
    retryable: false,
    message: 'Connections at once: 7 would break on Cloudflare Workers, 6 at most',
    hint: expect.stringContaining('HELIX_ENVELOPE=warn'),
  })
})
