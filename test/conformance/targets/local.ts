import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrokerCounts } from '../../../local/queue/events.ts'
import type { DeadMessage } from '../../../local/queue/port.ts'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import type { Asked, Told } from '../entries/local.ts'
import type { DrivenQueue } from '../suite/drive.ts'
import type { OpenTarget, Target, World } from '../target.ts'

const ENTRY = fileURLToPath(new URL('../entries/local.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')

/** The runner in a process of its own, on its default store: the embedded one. */
export const target: Target = {
  name: 'local',
  unavailable: async () => null,
  open,
}

async function open(world: World): Promise<OpenTarget> {
  const folder = join(world.scratch, 'local')
  await mkdir(folder, { recursive: true })
  const child = fork(ENTRY, {
    cwd: folder, // no `.env` of this checkout
    env: { ...inherited(), ...(await settingsOf(world, folder)) },
    execArgv: ['--import', TSX],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'exit')
  const asking = channelTo(child)
  const url = await Promise.race([asking.url, ended.then(() => Promise.reject(new Error(`It ended: ${output}`)))])
  return {
    url,
    lacks: {
      'shared-batches': 'each message is delivered by itself',
      'many-runners': 'the embedded store belongs to one process',
    },
    fire: async (cron) => void (await asking.ask({ fire: cron })),
    deadLetters: async () => (await asking.ask({ deadLetters: true })) as readonly DeadLetter[],
    drive: (seed) => drive(asking.ask, seed),
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

async function settingsOf(world: World, folder: string): Promise<Record<string, string>> {
  const sources = Object.entries(world.sources).map(([name, url]) => [`HELIX_SOURCE_${name.toUpperCase()}_URL`, url])
  return {
    ...world.settings,
    ...Object.fromEntries(sources),
    HELIX_DATA_DIR: join(folder, 'data'),
    HELIX_FILES_ROOT: join(folder, 'files'),
    HELIX_STEPS_PER_RUNNER: '8', // so that probes need not wait for the two main jobs
    API_PORT: String(await anyPort()),
  }
}

/** Nothing of the caller's own Helix. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(HELIX_|DATABASE_URL|API_PORT)/.test(name)),
  )
}

async function anyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

type Question = { fire: string } | { deadLetters: true } | { drive: number | null } | { driven: true }

type Ask = (what: Question) => Promise<unknown>

interface Driven {
  readonly counts: BrokerCounts
  readonly depth: number
  readonly dead: readonly DeadMessage[]
}

/** The runner's own broker, on the network of a seed for as long as this is open. */
async function drive(ask: Ask, seed: number): Promise<DrivenQueue> {
  const look = async () => (await ask({ driven: true })) as Driven
  await ask({ drive: seed })
  return {
    counts: async () => (await look()).counts,
    depth: async () => (await look()).depth,
    dead: async () => (await look()).dead,
    async [Symbol.asyncDispose]() {
      await ask({ drive: null })
    },
  }
}

function channelTo(child: ChildProcess) {
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0
  const url = new Promise<string>((resolve) => {
    child.on('message', (told: Told) => {
      if ('url' in told) resolve(told.url)
      else waiting.get(told.id)?.(told.value)
    })
  })
  const ask = (what: Question) =>
    new Promise((resolve, reject) => {
      const id = ++asked
      waiting.set(id, resolve)
      child.send({ id, ...what } satisfies Asked, (error) => error !== null && reject(error))
    })
  return { url, ask }
}
