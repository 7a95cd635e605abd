// Loaded into the runner before anything else, so it is plain JavaScript: tells whoever started it what its process uses,
// and lends it the store, which in its embedded form nobody else can open.
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import pg from 'pg'

const NS_PER_MS = 1e6
const OWN = "select to_regclass('public.data_pipeline_tasks') is not null as own"

if (isMainThread && process.send !== undefined) listen()

function listen() {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const { connect } = pg.Pool.prototype
  const pools = poolsOf(pg.Pool.prototype)
  let store = null
  const storePool = async () => {
    for (const pool of store === null ? pools : []) {
      if (pool.ending) continue // that of the migrations
      const { rows } = await query(pool, OWN)
      if (rows[0]?.own === true) store = pool
    }
    return store
  }
  // As the pool had it: what is asked here must not be counted as the runner's own.
  const query = async (pool, text) => {
    const client = await connect.call(pool)
    try {
      return await client.query(text)
    } finally {
      client.release()
    }
  }
  process.on('message', async ({ id, ask, text }) => {
    try {
      process.send({ id, answer: ask === 'process' ? figures(delay) : await rowsOf(await storePool(), text, query) })
    } catch (error) {
      process.send({ id, failure: String(error) })
    }
  })
  process.channel?.unref()
}

async function rowsOf(pool, text, query) {
  return pool === null ? [] : (await query(pool, text)).rows
}

/** What it uses, garbage collected. The delay of the event loop is told since it was last asked for. */
function figures(delay) {
  const delayMs = delay.max / NS_PER_MS
  const before = performance.now()
  globalThis.gc?.()
  delay.reset() // that pause is ours
  const { rss, heapUsed, external } = process.memoryUsage()
  const files = readdirSync('/proc/self/fd', { withFileTypes: false }).length
  return { rss, heap: heapUsed, external, delayMs, gcMs: performance.now() - before, files, ...processorTimes() }
}

/** How long the main thread has computed so far, and how long it was ready but had to wait for a processor; 0 where nobody tells. */
function processorTimes() {
  try {
    const [computed, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
    return { computedMs: Number(computed) / NS_PER_MS, waitedMs: Number(waited) / NS_PER_MS }
  } catch {
    return { computedMs: 0, waitedMs: 0 }
  }
}

/** Every pool that somebody has taken a connection from. */
function poolsOf(prototype) {
  const pools = new Set()
  const connect = prototype.connect
  prototype.connect = function (...given) {
    pools.add(this)
    return connect.apply(this, given)
  }
  return pools
}
