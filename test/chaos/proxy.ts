import net from 'node:net'
import { Answered, Asked, commitsChange } from './wire.ts'

/** A wire between a runner and the server, which can be cut. */
export interface StoreProxy {
  readonly port: number
  /**
   * Both directions of every connection that is open now fall silent, and neither side is told. The server's side is
   * given up after a while, as a server with keepalives does; the client's never.
   * @returns how many connections
   */
  halfOpen(): number
  /** Lets the next change of the store pass and commit, and loses the connection before its answer. */
  loseAnswer(): void
  /** Answers that were lost so far, each after its commit. */
  readonly lost: number
  close(): Promise<void>
}

const SERVER_PATIENCE_MS = 5_000

/** Listens on a free port of the loopback interface. @param target the server's port */
export async function openProxy(target: number): Promise<StoreProxy> {
  const wires = new Set<Wire>()
  const state = { armed: 0, lost: 0 }
  const server = net.createServer({ noDelay: true }, (client) => {
    const wire = new Wire(client, target, state)
    wires.add(wire)
    client.on('close', () => wires.delete(wire))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    halfOpen: () => [...wires].filter((wire) => wire.silence()).length,
    loseAnswer: () => {
      state.armed += 1
    },
    get lost() {
      return state.lost
    },
    close: async () => {
      for (const wire of wires) wire.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

class Wire {
  readonly #client: net.Socket
  readonly #server: net.Socket
  readonly #asked = new Asked()
  readonly #answered = new Answered()
  #silent = false
  #losing = false

  constructor(client: net.Socket, target: number, state: { armed: number; lost: number }) {
    this.#client = client
    this.#server = net.connect({ host: '127.0.0.1', port: target, noDelay: true })
    const forward = (to: net.Socket, from: net.Socket, chunk: Buffer) => {
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => from.resume())
    }
    client.on('data', (chunk) => {
      const { inTransaction } = this.#answered
      const changes = this.#asked.read(chunk).some((sql) => commitsChange(sql, inTransaction))
      if (this.#silent) return
      if (changes && state.armed > 0 && !this.#losing) {
        state.armed -= 1
        this.#losing = true
      }
      forward(this.#server, client, chunk)
    })
    this.#server.on('data', (chunk) => {
      const committed = this.#answered.read(chunk)
      if (this.#silent) return
      if (!this.#losing) return forward(client, this.#server, chunk)
      if (!committed) return
      state.lost += 1
      this.end()
    })
    client.on('error', () => undefined)
    this.#server.on('error', () => undefined)
    client.on('close', () => this.#server.destroy())
    this.#server.on('close', () => {
      if (!this.#silent) client.destroy()
    })
  }

  /** @returns whether it was not silent before */
  silence(): boolean {
    if (this.#silent) return false
    this.#silent = true
    setTimeout(() => this.#server.destroy(), SERVER_PATIENCE_MS).unref()
    return true
  }

  end(): void {
    this.#client.resetAndDestroy()
    this.#server.destroy()
  }
}
