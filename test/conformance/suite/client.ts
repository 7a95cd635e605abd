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

const ANSWER_MS_MAX = 120_000

/** Requests to a target, each answer searched for what was planted. */
export function openClient(url: string, planted: Readonly<Record<string, string>>): Client {
  const searches: Promise<string[]>[] = []
  const fetched = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), ...(init.signal ? [init.signal] : [])])
    const headers = new Headers(init.headers)
    headers.set('connection', 'close') // one kept alive may be closed by the server just when it is used again
    const response = await fetch(url + path, { redirect: 'manual', ...init, headers, signal })
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
export function plantedIn(where: string, text: string, planted: Readonly<Record<string, string>>): string[] {
  const found = Object.entries(planted).filter(([, secret]) => text.includes(secret))
  return found.map(([name]) => `${name} in ${where}`)
}

async function search(where: string, response: Response, planted: Readonly<Record<string, string>>): Promise<string[]> {
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
