import { Agent, request } from 'node:http'

// A connection each: one that is kept may be closed by the runner just as it is used again.
const AGENT = new Agent({ keepAlive: false })

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly ms: number
}

/** Calls the runner, and notes what it answered where that was a failure of its own. */
export class Client {
  readonly #url: string
  /** Answers of 500 and above, by what was asked and the problem's code. */
  readonly failures = new Map<string, number>()
  answers = 0

  constructor(url: string) {
    this.#url = url
  }

  async get(path: string): Promise<Answer> {
    return await this.#call('GET', path)
  }

  async send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return await this.#call(method, path, body ?? {})
  }

  /** The data of a successful answer; null otherwise. */
  async data<T>(path: string): Promise<T | null> {
    const { status, body } = await this.get(path)
    return status === 200 ? (body as { data: T }).data : null
  }

  // Not `fetch`: that gives up on an answer that takes five minutes, and sending the clock ahead may.
  async #call(method: string, path: string, body?: unknown): Promise<Answer> {
    const began = performance.now()
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = {
      'accept-language': 'en',
      ...(path.startsWith('/__local') ? { 'x-helix-local': '1' } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method, headers, agent: AGENT }, (response) => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          received += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: received }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(text)
    })
    const read = jsonOf(answer)
    this.answers += 1
    if (status >= 500) this.#note(method, path, status, read)
    return { status, body: read, ms: performance.now() - began }
  }

  #note(method: string, path: string, status: number, body: unknown): void {
    const code = (body as { code?: string } | null)?.code ?? ''
    const key = `${method} ${path.split('?')[0]?.replace(/(task|manual)_\w+/, ':id')} ${status} ${code}`
    this.failures.set(key, (this.failures.get(key) ?? 0) + 1)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
