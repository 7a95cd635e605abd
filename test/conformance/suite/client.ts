import type { OpenTarget } from '../target.ts'

/** An answer whose body was JSON; `body` is the text where it was not. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
  readonly body: any
}

export interface Client {
  fetch(path: string, init?: RequestInit): Promise<Response>
  call(method: string, path: string, body?: unknown): Promise<Answer>
  leaks(): Promise<readonly string[]>
}

type Planted = Readonly<Record<string, string>>

const ANSWER_MS_MAX = 120_000
const TRIES_MAX = 3

/** Requests to a target, each answer searched for what was planted. */
export function openClient(target: Pick<OpenTarget, 'url' | 'ofTheTool'>, planted: Planted): Client {
  const searches: Promise<string[]>[] = []
  const fetched = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), ...(init.signal ? [init.signal] : [])])
    const headers = new Headers(init.headers)
    headers.set('connection', 'close') // one kept alive may be closed by the server just when it is used again
    const ask = () => fetch(target.url + path, { redirect: 'manual', ...init, headers, signal })
    let response = await ask()
    for (let tries = 1; tries < TRIES_MAX && (await isOfTheTool(target, response)); tries++) response = await ask()
    searches.push(search(`${init.method ?? 'GET'} ${path}`, response.clone(), planted))
    return response
  }
  return {
    fetch: fetched,
    async call(method, path, body) {
      const headers = { 'content-type': 'application/json', 'accept-language': 'en' }
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
      const response = await fetched(path, { ...init, headers })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: parsed(text) }
    },
    leaks: async () => (await Promise.all(searches)).flat(),
  }
}

/** Where any planted text stands. @param where what was searched */
export function plantedIn(where: string, text: string, planted: Planted): string[] {
  const found = Object.entries(planted).filter(([, secret]) => text.includes(secret))
  return found.map(([name]) => `${name} in ${where}`)
}

async function isOfTheTool({ ofTheTool }: Pick<OpenTarget, 'ofTheTool'>, response: Response): Promise<boolean> {
  if (ofTheTool === undefined || response.status < 500) return false
  return ofTheTool(response.status, await response.clone().text())
}

async function search(where: string, response: Response, planted: Planted): Promise<string[]> {
  const headers = JSON.stringify([...response.headers])
  const body = await response.text().catch(() => '') // a case may have had enough of a stream
  return plantedIn(where, `${headers}\n${body}`, planted)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
