import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import { execForm, last, parseDockerfile, type Stage } from '../../support/dockerfile.ts'
import type { Told } from '../entries/local.ts'
import type { OpenTarget, Target, World } from '../target.ts'
import { chrootImage, whyNoChroot } from './container-chroot.ts'
import { buildImage, findEngine, hasBase } from './container-engine.ts'
import { openFront } from './container-front.ts'
import { type Container, type Image, PROBES_IN_IMAGE } from './container-image.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const KEY = 'conformance-0123456789abcdef'
const HEALTHY_LOOKS_MAX = 60
const LOOK_MS = 500

/** Two containers of the image on one store and one folder of files, behind something that shares out requests. */
export const target: Target = {
  name: 'container',
  unavailable: async () => ((await findEngine()) === null ? await whyNoChroot() : null),
  open,
}

async function open(world: World): Promise<OpenTarget> {
  const stages = parseDockerfile(await readFile(join(ROOT, 'infra/container/Dockerfile'), 'utf8'))
  const stage = stages.at(-1)
  if (stage === undefined) throw new Error('The Dockerfile has no stage')
  const image = await makeImage(stages, stage, world)
  const ports = [await anyPort(), await anyPort()]
  await proveCommand(image, stage, { ...settingsOf(world), API_PORT: String(ports[0]) })
  const runners = await Promise.all(
    ports.map((port, index) =>
      startRunner(image, `runner-${index + 1}`, { ...settingsOf(world), API_PORT: String(port) }),
    ),
  )
  const front = await openFront(ports, KEY)
  const alive = () => runners.filter((runner) => !runner.killed)
  return {
    url: front.url,
    how: image.how,
    lacks: {
      'shared-batches': 'each message is delivered by itself',
      driven: 'each runner has a broker of its own, as the local target',
    },
    async fire(cron) {
      await alive()[0]?.ask({ fire: cron })
    },
    async deadLetters() {
      const kept = await Promise.all(alive().map((runner) => runner.ask({ deadLetters: true })))
      return (kept as DeadLetter[][]).flat().toSorted((one, other) => one.at.localeCompare(other.at))
    },
    output: () => runners.map((runner) => runner.output()).join(''),
    async killOne() {
      const [, second] = runners
      front.leaveOut(ports[1] ?? 0)
      await second?.kill()
    },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]()
      await Promise.all(alive().map((runner) => runner.stop()))
    },
  }
}

/** By an engine where one answers and has the base, else without. */
async function makeImage(stages: readonly Stage[], stage: Stage, { scratch }: World): Promise<Image> {
  const folder = join(scratch, 'container')
  const engine = await findEngine()
  if (engine !== null && (await hasBase(engine, stage))) return await buildImage(engine, ROOT, folder)
  return await chrootImage({ stages, root: ROOT, scratch: folder })
}

/** The image's very command starts, becomes healthy as its HEALTHCHECK asks, and ends well when it is told to. */
async function proveCommand(image: Image, stage: Stage, env: Record<string, string>): Promise<void> {
  const container = image.start({ name: 'command', env })
  const output = gather(container)
  const ended = once(container.process, 'exit')
  const check = execForm(last(stage, 'HEALTHCHECK').text)
  for (let looks = 1; (await container.run(check)) !== 0; looks++) {
    if (looks === HEALTHY_LOOKS_MAX) throw new Error(`The image's command is not healthy: ${output()}`)
    await Promise.race([pause(LOOK_MS), ended.then(() => Promise.reject(new Error(`It has ended: ${output()}`)))])
  }
  container.signal('SIGTERM')
  const [code] = await ended
  if (code !== 0) throw new Error(`The image's command ended with ${String(code)} when told to stop: ${output()}`)
}

async function startRunner(image: Image, name: string, env: Record<string, string>) {
  // The image serves Helix's own functions; this entry, which is lent to it, serves the probes beside them.
  const command = ['node', '--import', 'tsx', `${PROBES_IN_IMAGE}/entries/container.ts`]
  const container = image.start({ name, env, command })
  const { stdin, stdout } = container.process
  if (stdin === null || stdout === null) throw new Error(`${name} has no pipes`)
  const output = gather(container)
  const ended = once(container.process, 'exit')
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0
  const listening = new Promise<void>((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{"told":')) return
      const { told } = JSON.parse(line) as { told: Told }
      if ('url' in told) resolve()
      else waiting.get(told.id)?.(told.value)
    })
  })
  await Promise.race([listening, ended.then(() => Promise.reject(new Error(`${name} has ended: ${output()}`)))])
  const runner = {
    killed: false,
    output,
    ask: (what: { fire: string } | { deadLetters: true }) =>
      new Promise((resolve) => {
        const id = ++asked
        waiting.set(id, resolve)
        stdin.write(`${JSON.stringify({ id, ...what })}\n`)
      }),
    async kill() {
      runner.killed = true
      container.signal('SIGKILL')
      await ended
    },
    async stop() {
      container.signal('SIGTERM')
      await ended
    },
  }
  return runner
}

function settingsOf({ storeUrl, sources, settings }: World): Record<string, string> {
  const urls = Object.entries(sources).map(([name, url]) => [`HELIX_SOURCE_${name.toUpperCase()}_URL`, url])
  return { ...settings, ...Object.fromEntries(urls), DATABASE_URL: storeUrl, HELIX_API_KEYS: `suite:admin:${KEY}` }
}

function gather({ process: { stdout, stderr } }: Container): () => string {
  let text = ''
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  return () => text
}

async function anyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
