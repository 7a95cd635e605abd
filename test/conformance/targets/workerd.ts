import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import { type DrivenQueue, openDrive } from '../suite/drive.ts'
import { serveDrive } from '../suite/drive-server.ts'
import type { OpenTarget, Target, World } from '../target.ts'
import { folderOf, secretsFor, settingsFor } from './workerd-settings.ts'

const WRANGLER = fileURLToPath(new URL('../../../node_modules/.bin/wrangler', import.meta.url))
const READY = /Ready on (http:\/\/\S+)/
const STOP_MS_MAX = 10_000
const ALONE = { headers: { connection: 'close' } } // wrangler's proxy may leave a connection hanging that is used again

/**
 * The Worker in workerd: what `wrangler deploy` would upload, served by `wrangler dev` with the production settings,
 * offline and in a process of its own.
 */
export const target: Target = {
  name: 'workerd',
  unavailable: async () => null,
  open,
}

async function open(world: World): Promise<OpenTarget> {
  const folder = folderOf(world)
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'wrangler.json')
  await writeFile(config, JSON.stringify(await settingsFor(world), null, 2))
  await writeFile(join(folder, '.dev.vars'), secretsFor(world))
  const bundle = join(folder, 'bundle')
  await promisify(execFile)(
    WRANGLER,
    ['deploy', '--dry-run', '--config', config, '--outdir', bundle],
    surroundings(folder),
  )
  const child = startWrangler(folder, config, join(bundle, 'worker.js'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const stop = () => stopGroup(child)
  const url = await readyUrl(child, () => output).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    url,
    // Wrangler's proxy says so when a function answers without having read the body, and the connection goes.
    ofTheTool: (status, text) => status === 503 && text.startsWith('Your worker restarted mid-request'),
    lacks: {
      'free-later': 'Queues counts every delivery',
      'many-runners': 'an invocation holds nothing that outlives it',
    },
    async fire(cron) {
      const answer = await fetch(`${url}/conformance-tick?cron=${encodeURIComponent(cron)}`, ALONE)
      await answer.text()
    },
    async deadLetters() {
      return (await (await fetch(`${url}/conformance-letters`, ALONE)).json()) as DeadLetter[]
    },
    drive: (seed) => drive(url, seed),
    output: () => output,
    [Symbol.asyncDispose]: stop,
  }
}

/** What the runtime tells of a batch that `queue()` had: what is not named in it is acknowledged. */
interface BatchResult {
  readonly outcome: string
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number }
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[]
}

/** Hands batches of the suite's broker to the Worker's own handler. */
async function drive(url: string, seed: number): Promise<DrivenQueue> {
  const driven = openDrive(seed, async (batch) => {
    const messages = batch.map(({ id, message, attempt }) => ({ id, attempts: attempt + 1, body: message }))
    const init = { ...ALONE, method: 'POST', body: JSON.stringify({ messages }) }
    const answer = await fetch(`${url}/conformance-batch`, init)
    const result = (await answer.json()) as BatchResult
    if (result.outcome !== 'ok' || result.retryBatch.retry) throw new Error(`The batch failed: ${result.outcome}`)
    return new Map(result.retryMessages.map(({ msgId, delaySeconds }) => [msgId, delaySeconds ?? 0]))
  })
  const server = await serveDrive(driven)
  const place = async (query: string) => void (await (await fetch(`${url}/conformance-drive${query}`, ALONE)).text())
  await place(`?url=${encodeURIComponent(server.url)}`)
  return {
    counts: () => driven.counts(),
    depth: () => driven.depth(),
    dead: () => driven.dead(),
    async [Symbol.asyncDispose]() {
      await driven[Symbol.asyncDispose]()
      await place('')
      await server[Symbol.asyncDispose]()
    },
  }
}

/** In a group of its own, so that workerd goes when wrangler does. Bundled beforehand, it does not watch our sources. */
function startWrangler(folder: string, config: string, script: string): ChildProcess {
  const anyPort = ['--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0']
  const state = ['--persist-to', join(folder, 'state'), '--show-interactive-dev-session=false']
  return spawn(WRANGLER, ['dev', script, '--no-bundle', '--config', config, '--local', ...anyPort, ...state], {
    ...surroundings(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

function surroundings(folder: string) {
  return { cwd: folder, env: { ...inherited(), ...OFFLINE, CI: 'true' } }
}

const OFFLINE = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false', // where a request comes from, for which Miniflare asks Cloudflare
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true', // with it, the question whether there is a newer version
  NO_COLOR: '1',
}

/** Nothing of the caller's own Helix or Cloudflare account. */
function inherited(): NodeJS.ProcessEnv {
  const theirs = /^(HELIX_|DATABASE_URL|API_PORT|CLOUDFLARE_|CF_|WRANGLER_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name)))
}

async function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const look = () => {
      const url = READY.exec(output())?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', look)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`wrangler ended with ${code}: ${output()}`)))
  })
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  const killed = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), STOP_MS_MAX)
  await ended
  clearTimeout(killed)
}
