import { language, t } from './language.js'

const API = '/__local/api/'
const AGAIN_MS = 2_000

/** @throws {Error} whose message is a sentence */
export async function call(path, body) {
  const headers = { 'Accept-Language': language(), 'Content-Type': 'application/json', 'x-helix-local': '1' }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(API + path, init).catch(() => {
    throw new Error(t('unreachable'))
  })
  const answer = await response.json().catch(() => null)
  if (response.ok && answer !== null) return answer
  throw new Error(sentence(answer, response.status))
}

/** What is wrong, then what exactly. */
function sentence(problem, status) {
  if (typeof problem?.error !== 'string') return t('strange_answer', status)
  const details = (problem.errors ?? []).map(({ message }) => message)
  const more = details.length > 0 ? details.join(t('semicolon')) : problem.detail
  const said = more && more !== problem.error ? `${problem.error}${t('colon')}${more}` : problem.error
  return problem.hint ? `${said}${t('parentheses', problem.hint)}` : said
}

/** Listens to what happens, and again whenever the line breaks. */
export function follow({ onEvent, onOpen, onLost }) {
  const source = new EventSource(`${API}events`)
  for (const kind of ['queue', 'invocation', 'fault', 'clock', 'settings']) source.addEventListener(kind, onEvent)
  source.onopen = onOpen
  source.onerror = () => {
    source.close() // the browser itself would give up after an answer that is no stream
    onLost()
    setTimeout(() => follow({ onEvent, onOpen, onLost }), AGAIN_MS)
  }
  addEventListener('pagehide', () => source.close(), { once: true })
}
