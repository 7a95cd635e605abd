import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GuardMessage } from './guard.ts'
import type { StoreProxy } from './proxy.ts'

/** One runner of the fleet: a place, in which one process follows the other. */
export interface Member {
  readonly name: string
  readonly proxy: StoreProxy
  readonly logFile: string
  /** Where it answers; null while it starts, is frozen, or is gone. */
  url: string | null
  /** The worker's id of the process that is up; null while it starts. */
  workerId: string | null
  /** Spared by kills: frozen, or just thawed. */
  spared: boolean
}

export interface FleetOptions {
  readonly directory: string
  /** The program of a runner. */
  readonly runner: string
  readonly members: readonly { readonly proxy: StoreProxy; readonly port: number }[]
  /** The server's own address, which the tasks name as their source but never read. */
  readonly sourceUrl: string
  readonly runningMax: number
  readonly guard: (message: GuardMessage) => void
  readonly say: (text: string) => void
}

interface Place extends Member {
  readonly port: number
  boot: number
  dataDir: string
  child: ChildProcess | null
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AGAIN_MS = 300 // before a runner that ended by itself is started again, as a supervisor does
const UP_MS_MAX = 60_000
const STEPS_PER_RUNNER = 16

/** Real runner processes on one store and one files root, each started again whenever it ends. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #places: Place[]
  /** Whose process each worker's id was: `r2.7`, the seventh process in the place of `r2`. */
  readonly writers = new Map<string, string>()
  /** Processes that ended by themselves, most of them because the server was away when they started. */
  ownEnds = 0
  #closing = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#places = options.members.map(({ proxy, port }, index) => ({
      name: `r${index + 1}`,
      proxy,
      port,
      logFile: join(options.directory, `r${index + 1}.log`),
      dataDir: '',
      boot: 0,
      child: null,
      url: null,
      workerId: null,
      spared: false,
    }))
  }

  get members(): readonly Member[] {
    return this.#places
  }

  async start(): Promise<void> {
    for (const place of this.#places) await this.#boot(place, true)
    await this.up()
  }

  /** Resolves when every runner answers, or when one does not for a long while. */
  async up(): Promise<void> {
    const until = Date.now() + UP_MS_MAX
    while (this.#places.some(({ url }) => url === null) && !this.#closing && Date.now() < until) await later(100)
  }

  /** @param lost the machine is gone too: who comes in its place has another data directory, so that leases lapse by time alone */
  kill(member: Member, lost: boolean): void {
    const place = this.#placeOf(member)
    if (lost) place.dataDir = ''
    place.child?.kill('SIGKILL')
  }

  freeze(member: Member): void {
    member.url = null
    member.spared = true
    this.#placeOf(member).child?.kill('SIGSTOP')
  }

  thaw(member: Member, url: string): void {
    this.#placeOf(member).child?.kill('SIGCONT')
    member.url = url
  }

  /** Starts nothing more; the guard ends what is there. */
  close(): void {
    this.#closing = true
  }

  #placeOf(member: Member): Place {
    const place = this.#places.find(({ name }) => name === member.name)
    if (place === undefined) throw new Error(`There is no runner ${member.name}`)
    return place
  }

  async #boot(place: Place, fresh = false): Promise<void> {
    const { directory, guard } = this.#options
    place.boot += 1
    if (place.dataDir === '' || fresh) place.dataDir = join(directory, `data-${place.name}-${place.boot}`)
    await mkdir(place.dataDir, { recursive: true })
    const writer = `${place.name}.${place.boot}`
    const log = openSync(place.logFile, 'a')
    const child = spawn(process.execPath, ['--enable-source-maps', this.#options.runner], {
      cwd: ROOT,
      env: this.#env(place, writer),
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    place.child = child
    const { pid } = child
    if (pid !== undefined) guard({ kind: 'began', pid })
    child.on('message', (message: { url: string; workerId: string }) => {
      place.url = message.url
      place.workerId = message.workerId
      this.writers.set(message.workerId, writer)
    })
    child.on('error', () => undefined)
    child.on('exit', (code, signal) => {
      if (pid !== undefined) guard({ kind: 'ended', pid })
      place.url = null
      place.workerId = null
      if (this.#closing) return
      if (signal === 'SIGKILL') {
        void this.#boot(place)
        return
      }
      this.ownEnds += 1
      this.#options.say(`${writer} ended by itself (${code ?? signal})`)
      void later(AGAIN_MS).then(() => (this.#closing ? undefined : this.#boot(place)))
    })
  }

  #env(place: Place, writer: string): NodeJS.ProcessEnv {
    const { directory, sourceUrl, runningMax } = this.#options
    const inherited = Object.entries(process.env).filter(([name]) => !/^(HELIX_|DATABASE_URL|API_PORT)/.test(name))
    return {
      ...Object.fromEntries(inherited),
      DATABASE_URL: `postgres://postgres@127.0.0.1:${place.proxy.port}/postgres?application_name=${writer}`,
      API_PORT: String(place.port),
      HELIX_DATA_DIR: place.dataDir,
      HELIX_FILES_ROOT: join(directory, 'files'),
      HELIX_TABLE_LISTS_DIR: directory,
      HELIX_SOURCE_CHAOS_URL: sourceUrl,
      HELIX_CONCURRENCY_MODE: 'parallel',
      HELIX_MAX_RUNNING_TASKS: String(runningMax),
      HELIX_STEPS_PER_RUNNER: String(STEPS_PER_RUNNER),
      HELIX_LANGUAGE: 'en',
      HELIX_ENVELOPE: 'warn',
    }
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
