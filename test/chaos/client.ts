import type { Fleet } from './fleet.ts'

/** A task that a runner has acknowledged. */
export interface Acknowledged {
  readonly number: number
  readonly taskId: string
}

export interface Posting {
  readonly acknowledged: Acknowledged[]
  /** Answers to a repeated key that were not the first answer. */
  readonly differing: string[]
  /** Tries that ended without an answer, or with one that says "again". */
  retries: number
}

const COMPLETE = '/api/v0/data_pipeline/tasks/execute-complete'
const ANSWER_MS_MAX = 8_000
const AGAIN_MS = 150
const REPEATED_ONE_IN = 25
const CLIENTS = 16

/**
 * Posts tasks over HTTP to whoever lives, evenly over a time, each with a key of its own, until each is acknowledged.
 * Some are posted once more afterwards, to somebody else: the answer must be the first one.
 */
export async function postTasks(
  fleet: Fleet,
  { tasks, overMs, random, signal }: { tasks: number; overMs: number; random: () => number; signal: AbortSignal },
): Promise<Posting> {
  const posting: Posting = { acknowledged: [], differing: [], retries: 0 }
  const begun = Date.now()
  let next = 1
  const client = async () => {
    for (let number = next++; number <= tasks && !signal.aborted; number = next++) {
      await later(Math.max(0, begun + ((number - 1) * overMs) / tasks - Date.now()), signal)
      const first = await postOne(fleet, number, posting, random, signal)
      if (first === null) return
      posting.acknowledged.push({ number, taskId: first.task_id })
      if (number % REPEATED_ONE_IN !== 0) continue
      const again = await postOne(fleet, number, posting, random, signal)
      if (again !== null && JSON.stringify(again) !== JSON.stringify(first)) {
        posting.differing.push(`${JSON.stringify(first)} and then ${JSON.stringify(again)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return posting
}

/** @returns what the runner answered about the started task, or null when the run was broken off */
async function postOne(fleet: Fleet, number: number, posting: Posting, random: () => number, signal: AbortSignal) {
  for (;;) {
    if (signal.aborted) return null
    const living = fleet.members.flatMap(({ url }) => url ?? [])
    const url = living[Math.floor(random() * living.length)]
    const answer = url === undefined ? null : await post(url, number, signal)
    if (answer !== null) return answer
    posting.retries += 1
    await later(AGAIN_MS, signal)
  }
}

/** One try. @returns null when it is to be tried again @throws {Error} when the answer is a refusal */
export async function post(url: string, number: number, signal: AbortSignal): Promise<{ task_id: string } | null> {
  let response: Response
  let text: string
  try {
    response = await fetch(url + COMPLETE, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `chaos-${number}`, 'accept-language': 'en' },
      body: JSON.stringify({ db_name: 'chaos', business_context: `chaos ${number}`, language: 'en' }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    })
    text = await response.text()
  } catch {
    return null
  }
  if (response.status >= 500) return null
  if (!response.ok) throw new Error(`Task ${number} was refused with ${response.status}: ${text}`)
  return (JSON.parse(text) as { data: { task_id: string } }).data
}

/** Resolves after a while, or when the run is broken off. */
export function later(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
