import { describe, expect, test } from 'vitest'
import { ConfigError, maskedConfig, parseConfig } from '../../../shared/platform/config.ts'

const ALICE = 'alice-0123456789abcdef'
const BOB = 'bob:0123456789abcdef='

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig({ HELIX_API_KEYS: text })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('HELIX_API_KEYS', () => {
  test('is a list of name:role:key, separated by commas or white space', () => {
    const { HELIX_API_KEYS: keys } = parseConfig({
      HELIX_API_KEYS: ` alice:admin:${ALICE},\n ci@shop:operator:0123456789abcdef\tdash:viewer:fedcba9876543210,`,
    })
    expect(keys).toEqual([
      { name: 'alice', role: 'admin', key: ALICE },
      { name: 'ci@shop', role: 'operator', key: '0123456789abcdef' },
      { name: 'dash', role: 'viewer', key: 'fedcba9876543210' },
    ])
  })

  test.each([
    ['nothing but separators', ' , ', 'must have 1 to 100 entries of the form name:role:key'],
    ['no colons', 'hush-hush-hush-hush', 'entry 1 must have the form name:role:key'],
    ['no role', `alice:${ALICE}`, 'entry 1 must have the form name:role:key'],
    ['an unknown role', `alice:root:${ALICE}`, 'entry 1 ("alice") needs one of the roles viewer, operator, admin'],
    ['a short key', 'alice:admin:hush', 'entry 1 ("alice") needs a key of at least 16 characters'],
    ['a name that is none', `a/b:admin:${ALICE}`, 'entry 1 needs a name of 1 to 50 letters, digits and . _ @ -'],
    [
      'a key that no header carries',
      `alice:admin:${BOB}`,
      'entry 1 ("alice") has a key with characters that a header can not carry',
    ],
    [
      'a name twice',
      `alice:admin:${ALICE} alice:viewer:${ALICE}2`,
      'entry 2 ("alice") has the name of an earlier entry',
    ],
    ['a key twice', `alice:admin:${ALICE} bob:viewer:${ALICE}`, 'entry 2 ("bob") has the key of an earlier entry'],
    ['a key in the place of the name', `${ALICE}:admin:alice`, 'entry 1 needs a key of at least 16 characters'],
  ])('is refused with %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([`HELIX_API_KEYS: ${problem}`])
  })

  test('names every bad entry, and no key', () => {
    const problems = problemsOf(`alice:admin:${ALICE},bob:boss:${BOB},${ALICE}x,carol:viewer:hush`)
    expect(problems.map((problem) => problem.slice(0, 30))).toEqual([
      'HELIX_API_KEYS: entry 2 ("bob"',
      'HELIX_API_KEYS: entry 3 must h',
      'HELIX_API_KEYS: entry 4 ("caro',
    ])
    expect(problems.join()).not.toMatch(/0123456789abcdef|hush/)
  })

  test('is needed with HELIX_AUTH=keys', () => {
    expect(() => parseConfig({ HELIX_AUTH: 'keys' })).toThrow('HELIX_API_KEYS: is needed with HELIX_AUTH=keys')
  })

  test('is shown without the keys', () => {
    const config = parseConfig({ HELIX_API_KEYS: `alice:admin:${ALICE} dash:viewer:fedcba9876543210` })
    expect(maskedConfig(config).HELIX_API_KEYS).toBe('alice:admin:******,dash:viewer:******')
  })
})
