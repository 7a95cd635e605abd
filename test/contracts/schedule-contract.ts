import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'

export interface OpenSchedule {
  /** One cron tick of that function; null when it was missed. */
  fire(name: string): Promise<Response | null>
  stop(): Promise<void>
}

/** What every schedule promises about its ticks. */
export function scheduleContract(
  name: string,
  open: (functions: readonly ScheduledDefinition[]) => OpenSchedule,
): void {
  describe(`schedule contract: ${name}`, () => {
    test('calls a function as a POST request to its path', async () => {
      const seen: string[] = []
      const app = new Hono<FunctionEnv>().all('*', (c) => {
        seen.push(`${c.req.method} ${c.req.path}`)
        return c.json({ seen: 1 })
      })
      const schedule = open([{ name: 'sweep-zombies', cron: '0 0 1 1 *', app }])
      expect(await (await schedule.fire('sweep-zombies'))?.json()).toEqual({ seen: 1 })
      expect(seen).toEqual(['POST /scheduled/sweep-zombies'])
      await schedule.stop()
    })

    test('goes on after a tick that failed', async () => {
      let ticks = 0
      const app = new Hono<FunctionEnv>().post('*', (c) => {
        ticks++
        if (ticks === 1) throw new Error('the first tick crashed')
        return c.json({})
      })
      app.onError((error, c) => c.text(error.message, 500))
      const schedule = open([{ name: 'check-health', cron: '0 0 1 1 *', app }])
      expect((await schedule.fire('check-health'))?.status).toBe(500)
      expect((await schedule.fire('check-health'))?.status).toBe(200)
      await schedule.stop()
    })

    test.each([
      ['six fields', ['* * * * * *'], 'five fields'],
      ['words', ['every minute'], 'five fields'],
      ['an hour that does not exist', ['0 25 * * *'], 'five fields'],
      ['weekdays by number', ['0 4 * * 1'], 'name the weekday'],
      ['six distinct expressions', ['1', '2', '3', '4', '5', '6'].map((minute) => `${minute} * * * *`), 'at most'],
    ])('refuses %s', (_, expressions, message) => {
      const functions = expressions.map((cron, n) => ({ name: `f${n}`, cron, app: new Hono<FunctionEnv>() }))
      expect(() => open(functions)).toThrow(message)
    })

    test('takes many functions on five expressions, weekdays by name', async () => {
      const expressions = ['* * * * *', '* * * * *', '*/5 * * * *', '0 */6 * * *', '0 3 * * *', '0 4 * * MON']
      const schedule = open(expressions.map((cron, n) => ({ name: `f${n}`, cron, app: new Hono<FunctionEnv>() })))
      await schedule.stop()
    })
  })
}
