import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../../../shared/platform/clock.ts'
import { ServiceError } from './exchange.ts'

/** How a queue is set up. */
export interface QueueSettings {
  /** Default 30, as on SQS. */
  readonly visibilitySeconds?: number
  /** The queue that takes what was received too often. */
  readonly deadLetters?: { readonly queue: string; readonly maxReceiveCount: number }
  /** Default 1 MiB: SQS's maximum since August 2025 (256 KiB before). */
  readonly messageBytesMax?: number
  /** Who stands in for this queue, for as long as it says so. */
  readonly relay?: QueueRelay
}

/** Takes what senders and receivers ask of a queue. @returns false to leave it to the queue */
export interface QueueRelay {
  sent(body: string, delaySeconds: number): boolean
  givenBack(receiptHandle: string, seconds: number): boolean
}

/** What a standard queue is allowed to do to its messages, drawn by chance. */
export interface QueueFaults {
  readonly random: () => number
  /** Received in any order. */
  readonly shuffle: boolean
  /** The share of messages that are delivered once more, 0 to 1. */
  readonly duplicates: number
}

/** A message that was handed to a receiver. */
export interface ReceivedMessage {
  readonly messageId: string
  readonly body: string
  readonly receiptHandle: string
  readonly receives: number
  readonly sentAt: number
  readonly firstReceivedAt: number
}

interface Entry {
  readonly messageId: string
  readonly body: string
  readonly sentAt: number
  firstReceivedAt: number
  visibleAt: number
  receives: number
  receiptHandle: string | null
}

const DELAY_SECONDS_MAX = 900
const VISIBILITY_SECONDS_MAX = 43_200
const MESSAGE_BYTES_MAX = 1_048_576

/** One standard queue, in memory: delays, visibility timeouts, receive counts, receipt handles that go stale. */
export class QueueModel {
  readonly name: string
  readonly settings: QueueSettings
  readonly #clock: Clock
  readonly #faults: QueueFaults
  readonly #bury: (entry: { messageId: string; body: string; sentAt: number }) => void
  readonly #handles = new Map<string, Entry>()
  #entries: Entry[] = []

  constructor(
    name: string,
    settings: QueueSettings,
    world: {
      clock: Clock
      faults: QueueFaults
      bury: (entry: { messageId: string; body: string; sentAt: number }) => void
    },
  ) {
    this.name = name
    this.settings = settings
    this.#clock = world.clock
    this.#faults = world.faults
    this.#bury = world.bury
  }

  send(body: string, delaySeconds = 0): { messageId: string; md5: string } {
    within('DelaySeconds', delaySeconds, DELAY_SECONDS_MAX)
    const bytes = Buffer.byteLength(body)
    const bytesMax = this.settings.messageBytesMax ?? MESSAGE_BYTES_MAX
    if (bytes === 0) throw new ServiceError(400, 'MissingParameter', 'The request must contain MessageBody')
    if (bytes > bytesMax) {
      throw new ServiceError(400, 'InvalidParameterValue', `The message must be shorter than ${bytesMax} bytes`)
    }
    const messageId = randomUUID()
    if (this.settings.relay?.sent(body, delaySeconds) === true) return { messageId, md5: md5(body) }
    const copies = this.#faults.random() < this.#faults.duplicates ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.take({ messageId, body, sentAt: this.#now() }, delaySeconds)
    return { messageId, md5: md5(body) }
  }

  /** Takes over a message, as a dead-letter queue does: it keeps its id and the time when it was sent. */
  take(message: { messageId: string; body: string; sentAt: number }, delaySeconds = 0): void {
    const visibleAt = this.#now() + delaySeconds * 1_000
    this.#entries.push({ ...message, firstReceivedAt: 0, visibleAt, receives: 0, receiptHandle: null })
  }

  receive(max: number, visibilitySeconds = this.settings.visibilitySeconds ?? 30): ReceivedMessage[] {
    if (!(Number.isInteger(max) && max >= 1 && max <= 10)) {
      throw new ServiceError(400, 'InvalidParameterValue', 'MaxNumberOfMessages must be between 1 and 10')
    }
    within('VisibilityTimeout', visibilitySeconds, VISIBILITY_SECONDS_MAX)
    const now = this.#now()
    const received: ReceivedMessage[] = []
    for (const entry of this.#order(this.#entries.filter(({ visibleAt }) => visibleAt <= now))) {
      if (received.length === max) break
      if (this.#redrives(entry)) continue
      entry.receives++
      entry.firstReceivedAt ||= now
      entry.visibleAt = now + visibilitySeconds * 1_000
      entry.receiptHandle = Buffer.from(`${this.name} ${randomUUID()}`).toString('base64')
      this.#handles.set(entry.receiptHandle, entry)
      received.push({ ...entry, receiptHandle: entry.receiptHandle })
    }
    return received
  }

  /** A handle that is not the newest of its message deletes nothing, and says nothing of it. */
  delete(receiptHandle: string): void {
    const entry = this.#known(receiptHandle)
    if (entry.receiptHandle === receiptHandle) this.#entries = this.#entries.filter((other) => other !== entry)
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    within('VisibilityTimeout', seconds, VISIBILITY_SECONDS_MAX)
    if (this.settings.relay?.givenBack(receiptHandle, seconds) === true) return
    const entry = this.#known(receiptHandle)
    if (entry.receiptHandle !== receiptHandle || !this.#entries.includes(entry)) {
      const reason = 'Message does not exist or is not available for visibility timeout change'
      throw new ServiceError(400, 'InvalidParameterValue', reason)
    }
    if (entry.visibleAt <= this.#now()) {
      throw new ServiceError(400, 'MessageNotInflight', 'The message is not in flight')
    }
    entry.visibleAt = this.#now() + seconds * 1_000
  }

  /** What is ready, in flight, and delayed. */
  counts(): { visible: number; inFlight: number; delayed: number } {
    const now = this.#now()
    const visible = this.#entries.filter(({ visibleAt }) => visibleAt <= now).length
    const delayed = this.#entries.filter(({ visibleAt, receives }) => visibleAt > now && receives === 0).length
    return { visible, delayed, inFlight: this.#entries.length - visible - delayed }
  }

  bodies(): string[] {
    return this.#entries.map(({ body }) => body)
  }

  /** When the next message is ready, in milliseconds of the clock; null when there is none. */
  nextVisibleAt(): number | null {
    return this.#entries.length === 0 ? null : Math.min(...this.#entries.map(({ visibleAt }) => visibleAt))
  }

  #redrives(entry: Entry): boolean {
    const { deadLetters } = this.settings
    if (deadLetters === undefined || entry.receives < deadLetters.maxReceiveCount) return false
    this.#entries = this.#entries.filter((other) => other !== entry)
    this.#bury(entry)
    return true
  }

  #known(receiptHandle: string): Entry {
    const entry = this.#handles.get(receiptHandle)
    if (entry === undefined) throw new ServiceError(404, 'ReceiptHandleIsInvalid', 'The receipt handle is not valid')
    return entry
  }

  #order(entries: readonly Entry[]): Entry[] {
    if (!this.#faults.shuffle) return [...entries]
    return entries
      .map((entry) => ({ entry, place: this.#faults.random() }))
      .sort((one, other) => one.place - other.place)
      .map(({ entry }) => entry)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

/** In hexadecimal, as SQS and S3 write it. */
export function md5(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}

function within(name: string, seconds: number, max: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= max) return
  const reason = `Value ${seconds} for parameter ${name} is invalid. Reason: Must be >= 0 and <= ${max}.`
  throw new ServiceError(400, 'InvalidParameterValue', reason)
}
