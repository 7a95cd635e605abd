import { createHash } from 'node:crypto'
import type { Clock } from '../../shared/platform/clock.ts'
import { assertKey, type FileContent, type FileInfo, type Files } from '../../shared/platform/files.ts'
import { Problem, type ProblemCode } from '../../shared/platform/problems.ts'
import type { QueryAnswer, Queryable, Store } from '../../shared/platform/store.ts'
import type { CallKind, Invocation, Sleeper, Transaction, World } from './model.ts'
import type { FaultKind } from './plan.ts'

const CODES: Readonly<Record<CallKind, ProblemCode>> = {
  store: 'store_unavailable',
  files: 'files_unavailable',
  queue: 'queue_unavailable',
  source: 'source_unreachable',
}

export function refusal(kind: CallKind): Problem {
  return new Problem(CODES[kind], `The simulated ${kind} does not answer`)
}

/** Registers a call of a port; it happens when the schedule picks it. One of the dead never ends. */
export function call<T>(
  world: World,
  invocation: Invocation,
  what: { kind: CallKind; label: string; transaction?: Transaction },
  perform: (fault: FaultKind | null) => unknown,
): Promise<T> {
  const { kind, label, transaction = null } = what
  return new Promise<T>((resolve, reject) => {
    if (!invocation.alive) return
    world.calls.push({
      kind,
      label,
      invocation,
      transaction,
      notBefore: 0,
      perform,
      resolve: resolve as (value: unknown) => void,
      reject,
    })
  })
}

export function simClock(world: World, invocation: Invocation): Clock {
  const { runner } = invocation
  return {
    timeZone: 'Asia/Shanghai',
    now: () => new Date(world.now + runner.skewMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (!invocation.alive) return
        if (signal?.aborted === true || ms <= 0) return resolve()
        const wake = () => {
          const index = world.sleepers.indexOf(sleeper)
          if (index !== -1) world.sleepers.splice(index, 1)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper: Sleeper = { invocation, dueAt: world.now + ms, wake }
        world.sleepers.push(sleeper)
        signal?.addEventListener('abort', wake)
      }),
  }
}

/** One connection for all: a transaction holds it, everybody else waits. */
export function simStore(world: World, invocation: Invocation): Store {
  const { postgres } = world.stage
  const alone: Queryable['query'] = (text, values) =>
    call(world, invocation, { kind: 'store', label: nameOf(text) }, () => {
      const answer = run(world, text, values)
      world.committed(postgres.takeNotices(), invocation)
      if (invocation.label === 'tick') wakeSeen(world, answer)
      return answer
    })
  return {
    kind: 'server',
    query: alone,
    together: (statement, item) => invocation.runner.together(invocation, statement, item),
    transaction: (work) => transact(world, invocation, work),
    close: async () => undefined,
  }
}

/** A process that is frozen until then wakes when the sweep has read of what it holds, and has done nothing about it yet. */
function wakeSeen({ runners }: World, { rows }: QueryAnswer<{ lease_owner?: string }>): void {
  for (const { lease_owner: owner } of rows) runners.find(({ workerId }) => workerId === owner)?.seen()
}

async function transact<T>(world: World, invocation: Invocation, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const { postgres } = world.stage
  const transaction = await call<Transaction>(world, invocation, { kind: 'store', label: 'begin' }, () => {
    postgres.script('begin')
    world.transaction = { invocation, open: true }
    return world.transaction
  })
  const within = (label: string) => ({ kind: 'store', label: `tx ${label}`, transaction }) as const
  try {
    const value = await work({
      query: async (text, values) => {
        if (!transaction.open) throw refusal('store')
        return await call(world, invocation, within(nameOf(text)), () => run(world, text, values))
      },
    })
    if (!transaction.open) throw refusal('store')
    await call(world, invocation, within('commit'), () => {
      const command = postgres.script('commit')
      transaction.open = false
      world.transaction = null
      const notices = postgres.takeNotices()
      if (command === 'ROLLBACK') throw new Error('The transaction was not committed: a statement in it had failed')
      world.committed(notices, invocation)
    })
    return value
  } catch (error) {
    if (transaction.open) world.rollBack()
    throw error
  }
}

function run(world: World, text: string, values: readonly unknown[] | undefined): QueryAnswer<never> {
  world.count('statements')
  try {
    return world.stage.postgres.query<never>(text, values)
  } catch (error) {
    if (world.transaction === null) world.stage.postgres.takeNotices()
    throw error
  }
}

const names = new Map<string, string>()

/** A statement in a few words, for the trace. */
function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = text.trim().replaceAll(/\s+/g, ' ').slice(0, 70)
    names.set(text, name)
  }
  return name
}

/** Files that every process sees, as an object store has them: a put is atomic. */
export function simFiles(world: World, invocation: Invocation): Files {
  const { files } = world
  const at = <T>(label: string, perform: () => T) => call<T>(world, invocation, { kind: 'files', label }, perform)
  const infoOf = (key: string): FileInfo | null => {
    const found = files.get(key)
    if (found === undefined) return null
    return { key, size: found.bytes.length, etag: `"${found.version}"`, modifiedAt: new Date(found.modifiedAt) }
  }
  const write = (key: string, bytes: Buffer): FileInfo => {
    files.set(key, { bytes, version: (files.get(key)?.version ?? 0) + 1, modifiedAt: world.now })
    return infoOf(key) as FileInfo
  }
  return {
    root: './data_pipeline/training_data',
    put: async (key, content, condition = {}) => {
      assertKey(key)
      const bytes = await bytesOf(content)
      return await at(`put ${key}`, () => {
        const etag = infoOf(key)?.etag
        const refused =
          condition.ifNoneMatch !== undefined
            ? etag !== undefined
            : condition.ifMatch !== undefined && etag !== condition.ifMatch
        if (refused) throw new Problem('file_conflict', `${key} has changed`)
        return write(key, bytes)
      })
    },
    append: async (key, text) => {
      assertKey(key)
      await at(`append ${key}`, () =>
        write(key, Buffer.concat([files.get(key)?.bytes ?? Buffer.alloc(0), Buffer.from(text)])),
      )
    },
    get: (key, range) =>
      at(`get ${key}`, () => {
        const info = infoOf(key)
        if (info === null) return null
        const bytes = files.get(key)?.bytes ?? Buffer.alloc(0)
        const from = range?.offset ?? 0
        const part = bytes.subarray(from, range?.length === undefined ? undefined : from + range.length)
        return { ...info, body: new Response(new Uint8Array(part)).body as ReadableStream<Uint8Array> }
      }),
    head: (key) => at(`head ${key}`, () => infoOf(key)),
    list: (prefix, options = {}) =>
      at(`list ${prefix}`, () => {
        const all = [...files.keys()].filter((key) => key.startsWith(prefix)).toSorted()
        const after = all.filter((key) => options.cursor === undefined || key > options.cursor)
        const page = after.slice(0, options.limit ?? 1000)
        return {
          files: page.map((key) => infoOf(key) as FileInfo),
          cursor: after.length > page.length ? (page.at(-1) ?? null) : null,
        }
      }),
    delete: async (keys) => {
      await at(`delete ${keys.length} files`, () => {
        for (const key of keys) files.delete(key)
      })
    },
  }
}

async function bytesOf(content: FileContent): Promise<Buffer> {
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(await new Response(content).arrayBuffer())
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
