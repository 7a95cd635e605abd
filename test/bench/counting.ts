import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import type { Embedder } from '../../shared/platform/embedder.ts'
import type { Files } from '../../shared/platform/files.ts'
import type { Llm } from '../../shared/platform/llm.ts'
import type { Queue } from '../../shared/platform/queue.ts'

/** What one part of a task asked of the world. A key is missing where nothing was asked. */
export type Counts = Record<string, number>

/** The part of a task that is at work: `start`, or the name of a step's function. */
const working = new AsyncLocalStorage<Counts>()

/** Does `work`, and adds what it asks for to `counts`, also where it goes on in the background. */
export function counting<T>(counts: Counts, work: () => Promise<T>): Promise<T> {
  return working.run(counts, work)
}

function add(name: string, amount = 1): void {
  const counts = working.getStore()
  if (counts !== undefined) counts[name] = (counts[name] ?? 0) + amount
}

const WRITES = ['insert into', 'update', 'delete from'] as const
const ENGINE_CALL = /^select helix_(accept|write)\(/

/** What of an item of the engine's calls tells why it was sent. */
interface CallItem {
  readonly status?: string | number | null
  readonly checkpoints?: readonly unknown[]
  readonly admit?: unknown
  readonly start?: unknown
}

/**
 * Why the engine called: `accept`, `end` of a claim, `report` of items that are done, or `sign` of life: log lines, or
 * nothing. Only what writes as time goes by depends on how long the items take.
 */
export function purposeOf(text: string, items: readonly CallItem[]): 'accept' | 'end' | 'report' | 'sign' {
  if (text.includes('helix_accept')) return 'accept'
  if (items.some(({ status }) => status !== undefined && status !== null)) return 'end'
  return items.some(({ checkpoints = [] }) => checkpoints.length > 0) ? 'report' : 'sign'
}

function countCall(text: string, values: unknown): void {
  const items = JSON.parse(String((values as readonly unknown[])[0])) as CallItem[]
  add(`store.call.${purposeOf(text, items)}`)
  add('store.call.items', items.length)
  if (items.some(({ admit, start }) => admit !== undefined || start !== undefined)) add('store.under_schedule_lock')
}

/** `call`, `select`, `insert`, `update`, `delete`, `transaction`: a call of the engine's own writes, or the strongest thing that a statement does. */
export function kindOf(text: string): string {
  const plain = text.trim().toLowerCase()
  if (ENGINE_CALL.test(plain)) return 'call'
  if (/^(begin|start|commit|rollback|set|select set_config)/.test(plain)) return 'transaction'
  const write = WRITES.find((verb) => new RegExp(`(^|\\(|\\s)${verb} `).test(plain) && !plain.startsWith('declare'))
  return write?.split(' ')[0] ?? 'select'
}

/**
 * Counts every statement that the driver sends, by the database that it goes to: one statement is one round trip.
 * @returns takes the counter off again
 */
export function countStatements(storeDatabase: string | null): () => void {
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown; database?: string }
  const original = prototype.query
  let open = 0
  prototype.query = function (this: { database?: string }, ...args: unknown[]) {
    const [first] = args
    const text = typeof first === 'string' ? first : String((first as { text?: unknown })?.text ?? '')
    const side = storeDatabase !== null && this.database === storeDatabase ? 'store' : 'source'
    add(`${side}.statements`)
    add(`${side}.${kindOf(text)}`)
    if (side === 'store' && kindOf(text) === 'call') countCall(text, args[1])
    open += 1
    const counts = working.getStore()
    if (counts !== undefined) counts['peak.statements'] = Math.max(counts['peak.statements'] ?? 0, open)
    const answer = original.apply(this, args)
    if (answer instanceof Promise) {
      const end = () => {
        open -= 1
      }
      answer.then(end, end)
    } else open -= 1
    return answer
  }
  return () => {
    prototype.query = original
  }
}

/** Files whose every call is counted, with the bytes of what was written. */
export function countedFiles(files: Files): Files {
  return {
    root: files.root,
    put: async (key, content, condition) => {
      add('files.put')
      const info = await files.put(key, content, condition)
      add('files.bytes', info.size)
      return info
    },
    append: (key, text) => {
      add('files.append')
      add('files.bytes', Buffer.byteLength(text))
      return files.append(key, text)
    },
    get: (key, range) => {
      add('files.get')
      return files.get(key, range)
    },
    head: (key) => {
      add('files.head')
      return files.head(key)
    },
    list: (prefix, options) => {
      add('files.list')
      return files.list(prefix, options)
    },
    delete: (keys) => {
      add('files.delete')
      return files.delete(keys)
    },
  }
}

export function countedQueue(queue: Queue): Queue {
  return {
    send: (message, delaySeconds) => {
      add('queue.messages')
      return queue.send(message, delaySeconds)
    },
  }
}

export function countedEmbedder(embedder: Embedder): Embedder {
  return {
    model: embedder.model,
    dimension: embedder.dimension,
    embed: (texts, signal) => {
      add('embedder.requests')
      add('embedder.texts', texts.length)
      return embedder.embed(texts, signal)
    },
  }
}

export function countedLlm(llm: Llm): Llm {
  return {
    model: llm.model,
    complete: async (request) => {
      add('llm.requests')
      const answer = await llm.complete(request)
      add('llm.input_tokens', answer.inputTokens)
      add('llm.output_tokens', answer.outputTokens)
      return answer
    },
  }
}
