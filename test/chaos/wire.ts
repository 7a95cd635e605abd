/** What a client of Postgres asks, and what it is answered, as far as a cut needs to know (protocol 3, "Message Formats"). */

const STARTUP_HEADER = 4
const HEADER = 5

/** Cuts a stream into messages: a letter and a body. Messages of a connection's start have no letter: they get ' '. */
export class Messages {
  #rest: Buffer = Buffer.alloc(0)
  #starting: boolean

  /** @param starting whether the stream begins with a client's startup message */
  constructor(starting: boolean) {
    this.#starting = starting
  }

  /** What `chunk` completes. */
  read(chunk: Buffer): { readonly type: string; readonly body: Buffer }[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const found: { type: string; body: Buffer }[] = []
    for (;;) {
      const header = this.#starting ? STARTUP_HEADER : HEADER
      if (this.#rest.length < header) return found
      const length = this.#rest.readInt32BE(header - 4) + header - 4
      if (this.#rest.length < length) return found
      const type = this.#starting ? ' ' : String.fromCharCode(this.#rest[0] ?? 0)
      found.push({ type, body: this.#rest.subarray(header, length) })
      this.#rest = this.#rest.subarray(length)
      this.#starting = false
    }
  }
}

const WRITES = /\b(insert\s+into|(?<!for\s+)update\s+\w|delete\s+from|helix_\w+\s*\()/i

/** Whether a statement commits a change of the store: a write or a call of the engine's own, or the end of a transaction. */
export function commitsChange(sql: string, inTransaction: boolean): boolean {
  return inTransaction ? /^\s*commit\b/i.test(sql) : WRITES.test(sql)
}

/** Follows a client's messages. @returns for each chunk, the statements whose execution it asks for */
export class Asked {
  readonly #messages = new Messages(true)
  readonly #named = new Map<string, string>()
  #bound = ''

  read(chunk: Buffer): string[] {
    const asked: string[] = []
    for (const { type, body } of this.#messages.read(chunk)) {
      if (type === 'Q') asked.push(texts(body, 1)[0] ?? '')
      if (type === 'P') {
        const [name = '', sql = ''] = texts(body, 2)
        this.#named.set(name, sql)
      }
      if (type === 'B') this.#bound = this.#named.get(texts(body, 2)[1] ?? '') ?? ''
      if (type === 'E') asked.push(this.#bound)
    }
    return asked
  }
}

const READY = 'Z'
const IDLE = 'I'

/** Follows a server's messages. */
export class Answered {
  readonly #messages = new Messages(false)
  #inTransaction = false

  get inTransaction(): boolean {
    return this.#inTransaction
  }

  /** @returns whether `chunk` says that nothing is under way any more, so that all is committed or rolled back */
  read(chunk: Buffer): boolean {
    const last = this.#messages.read(chunk).findLast(({ type }) => type === READY)
    if (last === undefined) return false
    this.#inTransaction = last.body.toString('latin1') !== IDLE
    return !this.#inTransaction
  }
}

/** The first texts of a body, each ended by a zero. */
function texts(body: Buffer, count: number): string[] {
  return body.toString('utf8').split('\0', count)
}
