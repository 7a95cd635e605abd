import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRunner, type Runner } from '../../../local/runner/open-runner.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { NO_FAULTS } from '../../../shared/platform/fault-settings.ts'
import type { FunctionEnv } from '../../../shared/platform/platform.ts'
import { CHROMIUM, openBrowser, visitInspector } from './browser-kit.ts'

const HOUR_MS = 3_600_000

let dir: string
let runner: Runner
let url: string
let browser: Browser
let isHealed = false
let release: () => void = () => undefined
const worked: string[] = []
const ticks: Date[] = []

/** Takes no poison until it is healed. */
const work = new Hono<FunctionEnv>().post('*', async (c) => {
  const { execution_id: id } = await c.req.json<{ execution_id: string }>()
  worked.push(id)
  if (id === 'held') await new Promise<void>((resolve) => (release = resolve))
  c.env.platform.log('execution.claimed', { executionId: id, note: '<img src=x onerror=hurt()>' })
  return id.startsWith('poison') && !isHealed ? c.text('no', 422) : c.json({})
})
const refresh = new Hono<FunctionEnv>().post('*', (c) => {
  ticks.push(c.env.platform.clock.now())
  return c.json({ refreshed: 3 })
})

beforeAll(async () => {
  if (CHROMIUM === undefined) return
  dir = await mkdtemp(join(tmpdir(), 'helix-inspector-'))
  const places = { HELIX_DATA_DIR: join(dir, 'data'), HELIX_FILES_ROOT: join(dir, 'files') }
  runner = await openRunner(parseConfig({ ...places, HELIX_TIME_ZONE: 'Asia/Shanghai' }), {
    quiet: true,
    functions: [{ name: 'work', trigger: 'queue', app: work }],
    scheduled: [{ name: 'refresh-sources', cron: '0 3 1 1 *', app: refresh }],
  })
  url = (await runner.listen()).url
  browser = await openBrowser()
})
afterAll(async () => {
  if (CHROMIUM === undefined) return
  await browser.close()
  await runner.stop()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(({ skip }) => {
  if (CHROMIUM === undefined) skip('There is no Chromium on this machine')
})

const send = async (id: string) => {
  await runner.queue.send({ function: 'work', body: { execution_id: id, claim: 0 } })
  await runner.idle()
}

const visit = (use: (page: Page) => Promise<void>, options?: BrowserContextOptions, at = url) =>
  visitInspector(browser, at, use, options)

describe('a developer in the inspector', () => {
  test('finds a dead letter with its reason, redrives it, and sees that it is done', async () => {
    const complaints = await visit(async (page) => {
      await page.getByText('None. A message ends up here').waitFor()
      expect(await page.locator('#queue .empty code').textContent()).toContain('"db_name": "highway_db"')
      await send('poison-1')
      await send('poison-<b id="markup">')
      await page.locator('#dead .reason', { hasText: 'HTTP 422' }).first().waitFor()
      expect(await page.title()).toBe('(2) Helix · Inspector')
      expect(await page.locator('#dead .letter code').allTextContents()).toEqual(['poison-<b id="markup">', 'poison-1'])
      isHealed = true
      await page.locator('#dead .letter', { hasText: 'poison-1' }).getByRole('button').click()
      await page.getByText('Redrove 1 message.').waitFor()
      await page.getByRole('button', { name: 'Redrive all' }).click()
      await page.getByText('None. A message ends up here').waitFor()
      await page.locator('.call', { hasText: 'poison-1' }).locator('[data-fate="done"]').waitFor()
    })
    expect(complaints).toEqual([])
    expect(worked.filter((id) => id === 'poison-1')).toHaveLength(2)
    expect(await runner.deadLetters()).toEqual([])
  })

  test('fires a scheduled function, now and as at another time', async () => {
    const complaints = await visit(
      async (page) => {
        await page.getByRole('button', { name: 'Fire refresh-sources', exact: true }).click()
        await page.getByText('refresh-sources answered 200.').waitFor()
        await page.locator('#cron', { hasText: /then 1 Jan \d{4}, 11:00; 1 Jan \d{4}, 11:00/ }).waitFor()
        await page.locator('#cron .counts', { hasText: 'refreshed 3' }).waitFor()
        await page.getByRole('button', { name: 'Fire refresh-sources at a time of your choice' }).click()
        await page.getByLabel('The function sees this as the current time').fill('2028-02-29T12:00:00')
        expect(await page.getByRole('dialog').locator('label').textContent()).toContain('(Asia/Shanghai)')
        await page.getByRole('dialog').getByRole('button', { name: 'Fire', exact: true }).click()
        await page.getByText('refresh-sources answered 200.').nth(1).waitFor()
      },
      { timezoneId: 'UTC' },
    )
    expect(complaints).toEqual([])
    expect(ticks.at(-1)?.toISOString()).toMatch(/^2028-02-29T04:00:00/)
  })

  test('sees first the message that is worked on, then those that come later', async () => {
    const hint = (id: string) => ({ function: 'work', body: { execution_id: id, claim: 0 } })
    const complaints = await visit(async (page) => {
      await runner.queue.send(hint('delayed'), 600)
      await runner.queue.send(hint('held'))
      await page.locator('.message').nth(1).waitFor()
      expect(await page.locator('.message code').allTextContents()).toEqual(['held', 'delayed'])
      release()
      await runner.idle()
      await page.locator('.message').nth(1).waitFor({ state: 'detached' })
      await runner.queue.purge()
      await page.getByText('Nothing is waiting.').waitFor()
    })
    expect(complaints).toEqual([])
  })

  test('clears the queue, and is asked before', async () => {
    isHealed = false
    await send('poison-purged')
    const complaints = await visit(async (page) => {
      await page.getByRole('button', { name: 'Purge…' }).click()
      await page.getByRole('button', { name: 'Cancel' }).click()
      expect(await runner.deadLetters()).toHaveLength(1)
      await page.getByRole('button', { name: 'Purge…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Purge', exact: true }).click()
      await page.getByText('None. A message ends up here').waitFor()
    })
    isHealed = true
    expect(complaints).toEqual([])
    expect(await runner.deadLetters()).toEqual([])
  })

  test('sends the clock ahead, and is asked before it jumps far', async () => {
    const before = runner.clock.offsetMs
    const complaints = await visit(async (page) => {
      await page.getByRole('button', { name: 'Advance by 1 hr' }).click()
      await page.getByText('Advanced by 1 hr: nothing fell due.').waitFor()
      await page.locator('#bar-ahead', { hasText: '1 hr ahead' }).waitFor()
      await page.getByRole('button', { name: 'Advance by 1 day' }).click()
      await page.getByRole('button', { name: 'Cancel' }).click()
      expect(runner.clock.offsetMs - before).toBe(HOUR_MS)
      await page.getByLabel('How far to advance').fill('2')
      await page.getByLabel('Unit').selectOption('days')
      await page.getByRole('button', { name: 'Advance', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Advance' }).click()
      await page.locator('#bar-ahead', { hasText: '2 days 1 hr ahead' }).waitFor()
    })
    expect(runner.clock.offsetMs - before).toBe(49 * HOUR_MS)
    expect(complaints).toEqual([])
  })

  test('changes what goes wrong, by weather, by slider and by text', async () => {
    const complaints = await visit(async (page) => {
      await page.getByRole('button', { name: 'Drizzle' }).click()
      await page.getByText('in force').waitFor()
      expect(runner.faults.settings).toMatchObject({ drop: 0.05, duplicate: 0.1, delay: { minMs: 0, maxMs: 2_000 } })
      await page.locator('[data-preset="drizzle"][aria-pressed="true"]').waitFor()
      await page.getByLabel('Drop').press('End')
      await page.locator('output[for="rate-drop"]', { hasText: '100%' }).waitFor()
      await page.getByLabel('As HELIX_FAULTS').fill('seed=7,drop=1')
      await page.getByRole('button', { name: 'Apply' }).click()
      await page.getByText('Faults updated.').waitFor()
      await send('lost')
      await page.locator('.blows li', { hasText: 'queue.send' }).waitFor()
      expect(runner.faults.settings).toEqual({ ...NO_FAULTS, seed: 7, drop: 1 })
      await page.getByRole('button', { name: 'Calm', exact: true }).click()
      await page.getByText('all calm').waitFor()
    })
    expect(complaints).toEqual([])
    expect(runner.faults.calm).toBe(true)
  })

  test('looks at a call with its log, filters the list by keyboard, and replays it', async () => {
    await send('replayed-1')
    const complaints = await visit(async (page) => {
      await page.keyboard.press('/')
      await page.keyboard.type('REPLAYED-1')
      await page.locator('.call').first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('execution.claimed').waitFor()
      expect(await dialog.locator('.log').textContent()).toContain('<img src=x onerror=hurt()>')
      expect(await dialog.locator('pre').textContent()).toContain('"execution_id": "replayed-1"')
      await dialog.getByRole('button', { name: 'Replay' }).click()
      await page.getByText('Replayed work.').waitFor()
      await page.locator('.call').nth(1).waitFor()
      await page.getByRole('searchbox').fill('nothing like it')
      await page.getByRole('button', { name: 'Show all' }).click()
      await page.locator('.call').nth(2).waitFor()
    })
    expect(complaints).toEqual([])
    await runner.idle()
    expect(worked.filter((id) => id === 'replayed-1')).toHaveLength(2)
  })
})

describe('the inspector', () => {
  test('speaks the language of the browser, and another once it is chosen', async () => {
    const complaints = await visit(
      async (page) => {
        await page.getByRole('heading', { name: '死信' }).waitFor()
        await page.keyboard.press('l')
        await page.getByRole('heading', { name: 'Dead letters' }).waitFor()
        await page.reload()
        await page.getByRole('heading', { name: 'Dead letters' }).waitFor()
        expect(await page.getAttribute('html', 'lang')).toBe('en-GB')
      },
      { locale: 'zh-CN' },
    )
    expect(complaints).toEqual([])
  })

  test('fits a telephone, and every control has a name', async () => {
    const complaints = await visit(
      async (page) => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
        const nameless = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>('button, input, select')]
            .filter((one) => one.offsetParent !== null)
            .filter((one) => !one.getAttribute('aria-label') && !one.textContent?.trim())
            .filter((one) => !(one as HTMLInputElement).labels?.length)
            .map((one) => one.outerHTML),
        )
        expect(nameless).toEqual([])
      },
      { viewport: { width: 360, height: 740 } },
    )
    expect(complaints).toEqual([])
  })

  test('shows what a server says as text, whatever it looks like', async () => {
    const markup = '<img src=x onerror="document.title=`hurt`"><script>document.title=`hurt`</script>'
    const letter = {
      ...{ id: '1', state: 'dead', function: markup, attempt: 5, deliveries: 5, reason: markup },
      ...{ body: { execution_id: markup }, sentAt: '2025-06-27T00:00:00Z', visibleAt: '2025-06-27T00:00:00Z' },
    }
    const complaints = await visit(async (page) => {
      await page.route('**/__local/api/state', async (route) => {
        const state = await (await route.fetch()).json()
        await route.fulfill({ json: { ...state, queue: { ...state.queue, dead: [letter] } } })
      })
      await send('a message that makes the page look')
      await page.locator('.letter .reason').waitFor()
      for (const part of ['.reason', 'strong', 'code']) {
        expect(await page.locator(`.letter ${part}`).textContent()).toBe(markup)
      }
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(await page.title()).toBe('(1) Helix · Inspector')
    })
    expect(complaints).toEqual([])
  })

  test('says in a sentence what the runner refuses', async () => {
    const complaints = await visit(async (page) => {
      await page.getByLabel('As HELIX_FAULTS').fill('drop=2')
      await page.keyboard.press('Enter')
      const told = page.getByRole('alert').getByText('drop=2 must be a probability from 0 to 1, such as drop=0.05')
      await told.waitFor()
      await page.getByRole('button', { name: 'Close' }).click()
      await told.waitFor({ state: 'detached' })
    })
    expect(complaints).toEqual([expect.stringContaining('400 (Bad Request)')])
  })

  test('says that the runner is gone, and goes on when it is back', async () => {
    const config = parseConfig({ HELIX_DATA_DIR: join(dir, 'other'), HELIX_FILES_ROOT: join(dir, 'files') })
    const first = await openRunner(config, { quiet: true })
    const { url: at, port } = await first.listen()
    await visit(
      async (page) => {
        await first.stop()
        await page.getByText('Reconnecting').waitFor()
        const second = await openRunner(config, { quiet: true, port })
        await second.listen()
        await page.getByText('Live', { exact: true }).waitFor()
        await page.locator('#cron').getByText('sweep-zombies', { exact: true }).waitFor()
        await second.stop()
      },
      {},
      at,
    )
  })
})
