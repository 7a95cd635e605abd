import { describe, expect, test } from 'vitest'
import { ConfigError, maskedConfig, parseConfig } from '../../../shared/platform/config.ts'
import { faultSettingsText, NO_FAULTS, readFaultSettings } from '../../../shared/platform/fault-settings.ts'

const ALL = 'seed=42,drop=0.05,duplicate=0.1,delay=0..2s,reorder=0.2,crash=0.02,store=0.01,files=0.01,skew=±30s'
const READ = {
  seed: 42,
  drop: 0.05,
  duplicate: 0.1,
  delay: { minMs: 0, maxMs: 2_000 },
  reorder: 0.2,
  crash: 0.02,
  store: 0.01,
  files: 0.01,
  skewMs: 30_000,
}

describe('readFaultSettings', () => {
  test('reads every setting', () => {
    expect(readFaultSettings(ALL)).toEqual({ ok: true, settings: READ })
  })

  test('reads again what it is shown as', () => {
    expect(readFaultSettings(faultSettingsText(READ))).toEqual({ ok: true, settings: READ })
  })

  test.each([
    ['skew=+-30s', { skewMs: 30_000 }],
    ['skew=30s', { skewMs: 30_000 }],
    ['delay=500ms..1.5s', { delay: { minMs: 500, maxMs: 1_500 } }],
    ['delay=1..2m', { delay: { minMs: 60_000, maxMs: 120_000 } }],
    ['delay=2s', { delay: { minMs: 2_000, maxMs: 2_000 } }],
    [' drop=1 , store=0 ', { drop: 1 }],
  ])('reads %s', (text, settings) => {
    expect(readFaultSettings(text)).toEqual({ ok: true, settings: { ...NO_FAULTS, ...settings } })
  })

  test.each([
    ['drop=5', 'drop=5 must be a probability from 0 to 1'],
    ['drop=-0.1', 'must be a probability from 0 to 1'],
    ['drop', 'must be a probability from 0 to 1'],
    ['drops=0.1', '"drops" is not a fault: use seed, drop, duplicate, reorder, crash, store, files, delay, skew'],
    ['seed=abc', 'must be a whole number from 0 to 4294967295'],
    ['delay=2s..1s', 'the smaller first'],
    ['delay=0..2', 'such as delay=0..2s'],
    ['delay=0..16m', 'up to 15m'],
    ['skew=±2h', 'up to 1h'],
    ['skew=soon', 'such as skew=±30s'],
    ['drop=0.1,drop=0.2', '"drop" is given twice'],
  ])('refuses %s and says what is allowed', (text, problem) => {
    expect(readFaultSettings(text)).toEqual({ ok: false, problems: [expect.stringContaining(problem)] })
  })

  test('names every problem at once', () => {
    expect(readFaultSettings('drop=2,skew=x')).toMatchObject({ ok: false, problems: { length: 2 } })
  })
})

describe('HELIX_FAULTS', () => {
  test('is shown as it is read', () => {
    const shown = maskedConfig(parseConfig({ HELIX_FAULTS: ALL })).HELIX_FAULTS
    expect(shown).toBe(faultSettingsText(READ))
  })

  test('is refused where Helix serves others than its developer', () => {
    const keys = { HELIX_AUTH: 'keys', HELIX_API_KEYS: 'me:admin:0123456789abcdef', HELIX_FAULTS: 'drop=0.1' }
    expect(() => parseConfig(keys)).toThrow('development only')
    expect(() => parseConfig({ HELIX_FAULTS: 'drop=0.1' }, 'cloud')).toThrow('development only')
    expect(parseConfig({ HELIX_FAULTS: 'drop=0.1' }).HELIX_FAULTS?.drop).toBe(0.1)
  })

  test('names the variable with what is wrong', () => {
    expect(() => parseConfig({ HELIX_FAULTS: 'drop=7' })).toThrow(ConfigError)
    expect(() => parseConfig({ HELIX_FAULTS: 'drop=7' })).toThrow(/HELIX_FAULTS: drop=7 must be/)
  })
})
