import { expect, test } from 'vitest'
import type { Platform } from '../../../shared/platform/platform.ts'
import { contentsOf, PlatformLayer } from '../../../shared/platform/platform-layer.ts'
import { testPlatform } from '../../support/test-platform.ts'

// What the kit's platform adds for tests, and what each asks anew.
const NOT_COPIED = ['sent', 'logged', 'filesDir', 'settled', 'stop', 'stopping']

test('a layer that says nothing itself answers everything as the platform below it', async () => {
  await using platform = await testPlatform()
  const layer: Platform = new PlatformLayer(platform)
  const names = Object.keys(platform).filter((name) => !NOT_COPIED.includes(name)) as (keyof Platform)[]
  expect(names.length).toBeGreaterThan(20)
  for (const name of [...names, 'stopping'] as const) expect(layer[name], name).toBe(platform[name])
  expect(contentsOf(layer)).toMatchObject(Object.fromEntries(names.map((name) => [name, platform[name]])))
  expect(contentsOf(layer)).not.toHaveProperty('stopping')
})
