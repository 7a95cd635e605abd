import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** The browser of this machine; undefined where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const ARGUMENTS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }), args: ARGUMENTS })
}

/**
 * Opens the inspector of the runner at `at` and lets somebody use it.
 * @returns what the browser had to complain of, and requests to elsewhere
 */
export async function visitInspector(
  browser: Browser,
  at: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<string[]> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${at}/__local`)) complaints.push(request.url())
  })
  await page.goto(`${at}/__local`)
  await page
    .getByRole('status')
    .getByText(/^(Live|实时)$/)
    .waitFor()
  await page.locator('.legend li').first().waitFor()
  await use(page)
  await context.close()
  return complaints
}
