import { describe, expect, test } from 'vitest'
import type { Clock } from '../../shared/platform/clock.ts'

/** What every clock promises. @param pass lets time pass for a clock that does not move by itself */
export function clockContract(name: string, open: () => { clock: Clock; pass: (ms: number) => Promise<void> }): void {
  describe(`clock contract: ${name}`, () => {
    test('sleeps at least as long as asked, by its own measure', async () => {
      const { clock, pass } = open()
      const before = clock.now().getTime()
      const slept = clock.sleep(30).then(() => clock.now().getTime())
      await pass(30)
      expect((await slept) - before).toBeGreaterThanOrEqual(29) // timers may fire within the last millisecond
    })

    test('wakes without error when the signal aborts, also one that has aborted before', async () => {
      const { clock } = open()
      const controller = new AbortController()
      const asleep = clock.sleep(3_600_000, controller.signal)
      controller.abort()
      await asleep
      await clock.sleep(3_600_000, controller.signal)
      await clock.sleep(0)
    })

    test('names a time zone that exists', () => {
      const { timeZone } = open().clock
      expect(new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone).toBeTruthy()
    })
  })
}
