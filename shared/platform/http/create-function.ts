import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import type { FunctionEnv } from '../platform.ts'
import { Problem } from '../problems.ts'
import { randomHex } from '../random.ts'
import { openTrace, traceparentOf } from '../trace.ts'
import { tracedPlatform } from '../traced-platform.ts'
import { authenticate } from './authenticate.ts'
import { problemResponse } from './problem-response.ts'

const BODY_BYTES_MAX = 1_000_000 // a request describes work, it does not carry data

/** A Hono app with what every function shares: request id, language, size limit, problems. It works alone and mounted. */
export function createFunction(): Hono<FunctionEnv> {
  const app = new Hono<FunctionEnv>()
  app.onError(problemResponse)
  return app
}

/** What every request passes first; mounted once by the app that holds all functions, and by tests of a single one. */
export function commonMiddleware(): MiddlewareHandler<FunctionEnv>[] {
  return [requestId({ generator: newRequestId }), trace, language, authenticate, limit, jsonBody] // nothing of a body is read before the key is known
}

// A task keeps the id of the request that started it: with seeded chance that is to be the same each time.
const newRequestId = (c: Context<FunctionEnv>): string => randomHex(c.env.platform.random, 3)

/** Goes on with the caller's trace, or begins one: all that is done for this request carries it, and the answer tells it. */
const trace: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  const { platform } = c.env
  const opened = openTrace(c.req.header('traceparent'), c.get('requestId'), platform.random)
  c.env = { ...c.env, platform: tracedPlatform(platform, { trace: opened }) }
  await next()
  setHeader(c, 'traceparent', traceparentOf(opened))
}

const language: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  const found = accepts(c, { header: 'Accept-Language', supports: ['zh', 'en'], default: 'zh', match: bestLanguage })
  const spoken = found === 'en' ? 'en' : 'zh'
  c.set('language', spoken)
  await next()
  setHeader(c, 'Content-Language', spoken)
}

/** Of an answer that is there. `c.header` would make another one of it, which takes longer than all else here. */
function setHeader(c: Context<FunctionEnv>, name: string, value: string): void {
  c.res.headers.set(name, value)
}

function bestLanguage(wanted: { type: string; q: number }[]): string {
  const ranked = wanted.toSorted((one, other) => other.q - one.q).map(({ type }) => type.toLowerCase().split('-')[0])
  return ranked.find((name) => name === 'zh' || name === 'en') ?? 'zh'
}

const countedLimit = bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge })

/** Bytes are counted only where the caller does not say how many there are: a stream that is looked at must be made first. */
const limit: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  if (WITHOUT_BODY.includes(c.req.method)) return await next()
  const length = c.req.header('content-length')
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return await countedLimit(c, next)
  if (Number.parseInt(length, 10) > BODY_BYTES_MAX) tooLarge()
  await next()
}

const WITHOUT_BODY = ['GET', 'HEAD']

function tooLarge(): never {
  throw new Problem('payload_too_large', `The body has more than ${BODY_BYTES_MAX} bytes`)
}

// Definitions of nodes and workflows are written by hand, in YAML.
const YAML_PATH = /^\/api\/v1\/(nodes|workflows)(\/|$)/
const YAML_TYPE = /^(application|text)\/(x-)?yaml$|^text\/plain$/

/**
 * Bodies are JSON, definitions also YAML. A missing type and curl's default for `-d` count as JSON too, since the specification's own
 * examples send it so; anything else is refused.
 */
const jsonBody: MiddlewareHandler<FunctionEnv> = async (c, next) => {
  if (['POST', 'PUT', 'PATCH'].includes(c.req.method)) {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
    if (type === '' || type === 'application/x-www-form-urlencoded') {
      const headers = new Headers(c.req.raw.headers)
      headers.set('content-type', 'application/json')
      c.req.raw = new Request(c.req.raw, { headers })
    } else if (YAML_TYPE.test(type) && YAML_PATH.test(c.req.path)) {
      // read by whoever takes definitions
    } else if (type !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(type)) {
      throw new Problem('unsupported_media_type', `Cannot read a body of type "${type}"`, {
        hint: 'Send application/json',
      })
    }
  }
  await next()
}
