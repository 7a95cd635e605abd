// The process side of Lambda's Runtime API, as AWS's own client for Node.js behaves: asks for an invocation, calls the
// handler that _HANDLER names, answers whole or as a stream, asks again. It runs beside a bundle, with nothing installed.
import { Agent, request } from 'node:http'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'

const { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: root, _HANDLER: named } = process.env
const STREAMED = Symbol('streamed')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMED]: true }),
  HttpResponseStream: {
    from(out, prelude) {
      out.contentType = 'application/vnd.awslambda.http-integration-response'
      out.prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)])
      return out
    },
  },
}

/** A body that is sent while it is written; a failure on the way is told in its trailers. */
class AnswerStream extends Writable {
  contentType = 'application/octet-stream'
  prelude = null
  #path
  #sent = null

  constructor(path) {
    super()
    this.#path = path
  }

  _write(chunk, _encoding, done) {
    const sent = this.#open()
    if (chunk.length === 0) done()
    else sent.write(chunk, done)
  }

  _final(done) {
    const sent = this.#open()
    sent.answered.then(() => done(), done)
    sent.end()
  }

  _destroy(error, done) {
    if (error !== null && this.#sent !== null && !this.#sent.writableEnded) {
      const body = Buffer.from(JSON.stringify(described(error))).toString('base64')
      this.#sent.addTrailers({
        'Lambda-Runtime-Function-Error-Type': described(error).errorType,
        'Lambda-Runtime-Function-Error-Body': body,
      })
      this.#sent.end()
    }
    done(error)
  }

  get begun() {
    return this.#sent !== null
  }

  #open() {
    if (this.#sent !== null) return this.#sent
    const headers = {
      'Content-Type': this.contentType,
      'Transfer-Encoding': 'chunked',
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    }
    this.#sent = send('POST', this.#path, headers)
    this.#sent.answered.catch(() => undefined)
    if (this.prelude !== null) this.#sent.write(this.prelude)
    return this.#sent
  }
}

const [file, exported] = named.split('.')
const { [exported]: handler } = await import(pathToFileURL(`${root}/${file}.mjs`).href)
if (typeof handler !== 'function') throw new Error(`${named} is undefined or not exported`)

for (;;) {
  const { headers, body } = await call('GET', '/invocation/next')
  const id = headers['lambda-runtime-aws-request-id']
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  if (handler[STREAMED]) await stream(id, JSON.parse(body), context)
  else await answer(id, JSON.parse(body), context)
}

async function answer(id, event, context) {
  try {
    const value = await handler(event, context)
    await call('POST', `/invocation/${id}/response`, JSON.stringify(value === undefined ? null : value))
  } catch (error) {
    await call('POST', `/invocation/${id}/error`, JSON.stringify(described(error)))
  }
}

async function stream(id, event, context) {
  const out = new AnswerStream(`/invocation/${id}/response`)
  out.on('error', () => undefined)
  try {
    await handler(event, out, context)
    await finished(out)
  } catch (error) {
    if (out.begun) out.destroy(error)
    else await call('POST', `/invocation/${id}/error`, JSON.stringify(described(error)))
  }
}

function described(error) {
  const known = error instanceof Error ? error : new Error(String(error))
  return { errorType: known.name, errorMessage: known.message, stackTrace: (known.stack ?? '').split('\n') }
}

async function call(method, path, body) {
  const sent = send(method, path, body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) })
  sent.end(body)
  return await sent.answered
}

function send(method, path, headers) {
  const sent = request(`http://${api}/2018-06-01/runtime${path}`, { method, headers, agent })
  sent.answered = new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', async (response) => {
      try {
        resolve({ headers: response.headers, body: Buffer.concat(await response.toArray()).toString() })
      } catch (error) {
        reject(error)
      }
    })
  })
  return sent
}
