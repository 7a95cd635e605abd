import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { systemRandom } from '../../../local/drivers/system-random.ts'
import { createInspectorApp, PAGE_FILES } from '../../../local/inspector/inspector-app.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { requestFigures } from '../../../shared/platform/request-figures.ts'

const PAGE = join(import.meta.dirname, '../../../local/inspector/page')
const platform = {
  config: parseConfig({}),
  log: () => undefined,
  clock: systemClock('UTC'),
  random: systemRandom,
  requests: requestFigures(),
} as unknown as Platform
const app = createInspectorApp()
const get = (path: string, headers: Record<string, string> = {}, origin = 'http://127.0.0.1:8000') =>
  app.request(`${origin}/__local${path}`, { headers }, { platform })
const texts = await Promise.all(
  PAGE_FILES.map(async (name) => [name, await readFile(join(PAGE, name), 'utf8')] as const),
)

describe('the files of the inspector', () => {
  test('are all served, each with its type, and nothing else is', async () => {
    expect([...PAGE_FILES].toSorted()).toEqual((await readdir(PAGE)).toSorted())
    const answers = await Promise.all(PAGE_FILES.map((name) => get(name === 'index.html' ? '' : `/${name}`)))
    const types = answers.map((answer) => answer.headers.get('content-type'))
    const wanted: Record<string, string> = {
      html: 'text/html; charset=utf-8',
      css: 'text/css; charset=utf-8',
      js: 'text/javascript; charset=utf-8',
      svg: 'image/svg+xml',
    }
    expect(types).toEqual(PAGE_FILES.map((name) => wanted[name.split('.')[1] ?? '']))
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(texts.map(([, text]) => text))
    for (const path of ['/no.js', '/..%2finspector-app.ts', '/page/main.js']) expect((await get(path)).status).toBe(404)
  })

  test('are sent again only when they have changed', async () => {
    const first = await get('/main.js')
    const etag = first.headers.get('etag') ?? ''
    const again = await get('/main.js', { 'if-none-match': etag })
    expect([again.status, await again.text(), first.headers.get('cache-control')]).toEqual([304, '', 'no-cache'])
    expect((await get('/main.js', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  test('come with a policy that allows nothing inline and nothing from elsewhere', async () => {
    const policy = (await get('')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    for (const [name, text] of texts) {
      expect([name, text.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/)]).toEqual([
        name,
        null,
      ])
      const elsewhere = [...text.matchAll(/https?:\/\/[^\s'"`$]+/g)].map(([url]) => url)
      expect([name, elsewhere.filter((url) => url !== 'http://www.w3.org/2000/svg')]).toEqual([name, []])
    }
  })

  test('are for this machine alone', async () => {
    expect((await get('', {}, 'http://rebound.example:8000')).status).toBe(403)
  })

  test('speak of the same things in both languages', async () => {
    const { CHINESE } = await import(join(PAGE, 'chinese.js'))
    const { ENGLISH } = await import(join(PAGE, 'english.js'))
    expect(Object.keys(CHINESE)).toEqual(Object.keys(ENGLISH))
    const kinds = (all: object) => Object.values(all).map((text) => (typeof text === 'function' ? text.length : 'text'))
    expect(kinds(CHINESE)).toEqual(kinds(ENGLISH))
    const said = texts.flatMap(([, text]) => [...text.matchAll(/\bt\('(\w+)'/g)].map(([, key]) => key ?? ''))
    expect([...new Set(said)].filter((key) => !(key in ENGLISH))).toEqual([])
  })

  test('say what each scheduled function does, and speak of no other', async () => {
    const { ENGLISH } = await import(join(PAGE, 'english.js'))
    const said = Object.keys(ENGLISH).filter((key) => key.startsWith('says_'))
    expect(said).toEqual(SCHEDULED.map(({ name }) => `says_${name}`))
  })
})

test('what is deployed has no inspector', async () => {
  for (const path of ['/__local', '/__local/main.js', '/__local/api/state']) {
    expect((await createApp(FUNCTIONS).request(path, {}, { platform })).status).toBe(404)
  }
})
