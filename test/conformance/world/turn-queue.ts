import type { PGlite } from '@electric-sql/pglite'

interface Waiting {
  readonly client: number
  readonly message: Uint8Array
  readonly onData: (data: Uint8Array) => void
  readonly resolve: (bytes: number) => void
  readonly reject: (error: Error) => void
}

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4)
const TERMINATE = 0x58
const STARTUP = [0, 3, 0, 0] // version 3.0 of the protocol, where other messages have their content
const READY = [0x5a, 0, 0, 0, 5] // ReadyForQuery; one byte follows, the state of the transaction
const IDLE = 0x49

/**
 * Lets several clients share the one session of an embedded Postgres. A client has it from its first message until the
 * session is idle again: a whole transaction, or one statement with all the messages of which it consists. So
 * transactions are serial, which is stricter than a server's. (The package's own queue takes turns message by message,
 * so that outside a transaction one client's Bind can meet another one's Parse.)
 */
export class TurnQueue {
  readonly #db: PGlite
  #waiting: Waiting[] = []
  #holder: number | null = null
  #working = false
  /** What the session answers to whoever connects. */
  #greeting: Uint8Array[] = []

  constructor(db: PGlite) {
    this.#db = db
  }

  /** Connects once, so that nobody who connects has to wait for a turn. */
  async prepare(): Promise<void> {
    const startup = Buffer.from('\0\0\0\0\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1')
    startup.writeInt32BE(startup.length)
    await this.enqueue(0, startup, (data) => this.#greeting.push(data.slice()))
  }

  /** @returns how many bytes were answered */
  async enqueue(client: number, message: Uint8Array, onData: (data: Uint8Array) => void): Promise<number> {
    if (this.#greeting.length > 0 && STARTUP.every((byte, at) => message[at + 4] === byte)) {
      for (const data of this.#greeting) onData(data)
      return this.#greeting.reduce((sum, { length }) => sum + length, 0)
    }
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ client, message, onData, resolve, reject })
      void this.#work()
    })
  }

  clearQueueForHandler(client: number): void {
    for (const one of this.#waiting.filter((candidate) => candidate.client === client)) {
      one.reject(new Error('The client is gone'))
    }
    this.#waiting = this.#waiting.filter((one) => one.client !== client)
  }

  /** Takes the session back from a client that went away within its turn. */
  async clearTransactionIfNeeded(client: number): Promise<void> {
    if (this.#holder !== client) return
    await this.#db.runExclusive(() => this.#db.execProtocolRawStream(SYNC, { onRawData: () => undefined }))
    if (this.#db.isInTransaction()) await this.#db.exec('rollback')
    this.#holder = null
    void this.#work()
  }

  getQueueLength(): number {
    return this.#waiting.length
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#run(next)
    this.#working = false
  }

  #next(): Waiting | undefined {
    const at = this.#waiting.findIndex(({ client }) => this.#holder === null || client === this.#holder)
    return at === -1 ? undefined : this.#waiting.splice(at, 1)[0]
  }

  async #run({ client, message, onData, resolve, reject }: Waiting): Promise<void> {
    if (message[0] === TERMINATE) return resolve(0) // ends this client, not the session of all
    this.#holder = client
    const tail: number[] = []
    let bytes = 0
    const onRawData = (data: Uint8Array) => {
      bytes += data.length
      tail.push(...data.subarray(-6))
      tail.splice(0, tail.length - 6)
      onData(data)
    }
    try {
      await this.#db.runExclusive(() => this.#db.execProtocolRawStream(message, { onRawData }))
      if (READY.every((byte, at) => tail[at] === byte) && tail[5] === IDLE) this.#holder = null
      resolve(bytes)
    } catch (error) {
      this.#holder = null
      reject(error as Error)
    }
  }
}
