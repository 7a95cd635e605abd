import { STEPS } from '../../shared/engine/pipeline.ts'
import type { Draws } from './chance.ts'
import { checkAccepted } from './check-run.ts'
import type { Runner, World } from './model.ts'
import type { RequestKind } from './plan.ts'

const TASKS = 'http://sim/api/v0/data_pipeline/tasks'
const FLOWS = 'http://sim/sim/flows'
const CREATING: readonly RequestKind[] = ['complete', 'create', 'flow']
/** After which something is under way. */
const STARTING: readonly RequestKind[] = ['complete', 'flow', 'execute', 'resume']

interface Sent {
  readonly kind: RequestKind
  readonly key: string | null
  readonly method: string
  readonly url: string
  readonly body: string | null
  /** The first answer that said yes. */
  answer: string | null
  waiting: number
}

interface Answer {
  readonly success: boolean
  readonly data?: { readonly task_id?: string; readonly execution_id?: string; readonly progress?: number }
}

/** People and programs outside: they ask, lose patience, and ask again with the same key. */
export class Clients {
  readonly #world: World
  readonly #sent: Sent[] = []
  /** Ids that an answer has told. */
  readonly #tasks: string[] = []
  /** Those of them that run a workflow. */
  readonly #flows = new Set<string>()
  left: number
  nextAt = 0
  #created = 0
  #numbered = 0

  constructor(world: World) {
    this.#world = world
    this.left = world.plan.requests
    this.nextAt = world.now
  }

  get mayCancel(): boolean {
    return this.#world.plan.requestWeights.cancel > 0
  }

  next(runner: Runner): void {
    const { draws, plan } = this.#world
    this.left -= 1
    this.nextAt = this.#world.now + draws.whole(0, plan.requestGapMs * 2)
    const answered = this.#sent.filter(({ answer, key, kind }) => answer !== null && key !== null && kind !== 'resume')
    if (answered.length > 0 && draws.chance(plan.repeats / 5)) {
      this.#misuse(draws.one(answered), runner)
      return
    }
    const unanswered = this.#sent.filter(({ answer, key }) => answer === null && key !== null)
    const again = draws.chance(plan.repeats) ? this.#sent.filter(({ key }) => key !== null) : []
    if (again.length > 0) {
      this.#ask(draws.one(again), runner)
      return
    }
    if (unanswered.length > 0 && draws.chance(0.5)) {
      this.#ask(draws.one(unanswered), runner)
      return
    }
    const weights = { ...plan.requestWeights }
    if (this.#created >= plan.tasks) Object.assign(weights, { complete: 0, create: 0, flow: 0 })
    if (this.#tasks.length === 0) Object.assign(weights, { execute: 0, cancel: 0, resume: 0, read: 0, delete: 0 })
    if (this.#tasks.every((id) => this.#flows.has(id))) weights.execute = 0
    const kind = draws.weighted<RequestKind>(weights)
    if (kind !== null) this.#ask(this.#request(kind, draws), runner)
  }

  #request(kind: RequestKind, draws: Draws): Sent {
    const keyed = [...CREATING, ...STARTING].includes(kind)
    this.#numbered += 1
    const key = keyed && draws.chance(0.8) ? `key${this.#numbered}` : null
    const asked = this.#what(kind, draws)
    const sent: Sent = { kind, key, ...asked, answer: null, waiting: 0 }
    this.#sent.push(sent)
    return sent
  }

  #what(kind: RequestKind, draws: Draws): Pick<Sent, 'method' | 'url' | 'body'> {
    if (kind === 'complete' || kind === 'create') {
      this.#created += 1
      const { plan } = this.#world
      const body = {
        db_name: 'shop',
        priority: draws.one([0, 0, 5, -5]),
        concurrency_key: draws.one(['a', 'b', 'c']),
        enable_sql_validation: !draws.chance(plan.skips),
        enable_training_data_load: !draws.chance(plan.skips),
        ...(plan.timeouts ? { step_timeout_minutes: 1 } : {}),
      }
      return {
        method: 'POST',
        url: kind === 'create' ? TASKS : `${TASKS}/execute-complete`,
        body: JSON.stringify(body),
      }
    }
    if (kind === 'flow') {
      this.#created += 1
      const about = { priority: draws.one([0, 0, 5, -5]), concurrency_key: draws.one(['a', 'b', 'c']) }
      return { method: 'POST', url: FLOWS, body: JSON.stringify({ id: `flow${this.#created}`, ...about }) }
    }
    const tasks = kind === 'execute' ? this.#tasks.filter((id) => !this.#flows.has(id)) : this.#tasks
    const url = `${TASKS}/${draws.one(tasks)}`
    if (kind === 'execute') {
      const body = { step: draws.one(STEPS), force_execute: draws.chance(0.4), clean_previous: draws.chance(0.4) }
      return { method: 'POST', url: `${url}/execute`, body: JSON.stringify(body) }
    }
    if (kind === 'read')
      return { method: 'GET', url: draws.one([url, `${url}/executions`, `${url}/logs`, TASKS]), body: null }
    if (kind === 'delete') return { method: 'DELETE', url, body: null }
    return { method: 'POST', url: `${url}/${kind}`, body: null }
  }

  #ask(sent: Sent, runner: Runner): void {
    // A task that is deleted within the second of its creation leaves its id, which is that second, to the next one.
    if (sent.kind === 'delete') this.nextAt = Math.max(this.nextAt, this.#world.now + 1_000)
    this.#send(sent, runner, (status, text) => this.#answered(sent, status, text))
  }

  #send(
    { kind, key, method, url, body }: Pick<Sent, 'kind' | 'key' | 'method' | 'url' | 'body'>,
    runner: Runner,
    answered: (status: number, text: string) => void,
  ): void {
    this.#world.count(`request ${kind}`)
    this.#world.note(`${kind} ${url.slice(TASKS.length)} ${key ?? ''} ${body ?? ''}`)
    this.#numbered += 1
    const headers = new Headers({ 'X-Request-Id': `request${this.#numbered}`, 'Accept-Language': 'en' })
    if (key !== null) headers.set('Idempotency-Key', key)
    if (body !== null) headers.set('Content-Type', 'application/json')
    const { triggers } = this.#world.stage
    runner.start(kind, async (platform) => {
      const response = await triggers.fetch(platform, new Request(url, { method, headers, body }))
      answered(response.status, await response.text())
    })
  }

  /** Somebody takes a key that belongs to another request. */
  #misuse({ kind, key, method, url, body }: Sent, runner: Runner): void {
    const changed = {
      ...JSON.parse(body ?? '{}'),
      ...(kind === 'execute' ? { step: STEPS[3], force_execute: true } : { priority: 77 }),
    }
    const other = JSON.stringify(changed)
    if (other === body) return
    this.#send({ kind, key, method, url, body: other }, runner, (status, text) => {
      if (status < 300) this.#world.violate('idempotency', `${key} was answered ${text} for another request`)
    })
  }

  #answered(sent: Sent, status: number, text: string): void {
    const { kind, key } = sent
    this.#world.note(`${kind} ${key ?? ''} answered ${status} ${status < 300 ? text.length : text}`)
    this.#world.count(`answer ${status}`)
    if (status === 500 || status === 400 || status === 422)
      this.#world.violate('answers', `${kind} was answered ${status}: ${text}`)
    if (status >= 300) return
    const { data } = JSON.parse(text) as Answer
    const taskId = data?.task_id
    if (STARTING.includes(kind)) {
      if (data?.execution_id === undefined || !this.#world.knows(data.execution_id)) {
        this.#world.violate(
          '1-none-lost',
          `${kind} was accepted as ${data?.execution_id}, which the store does not know`,
        )
      } else checkAccepted(this.#world, kind, data.execution_id)
    }
    if (key !== null) {
      if (sent.answer !== null && sent.answer !== text) {
        this.#world.violate('idempotency', `A repeat of ${key} was answered ${text}, at first ${sent.answer}`)
      }
      sent.answer = text
    }
    if (CREATING.includes(kind) && taskId !== undefined && !this.#tasks.includes(taskId)) this.#tasks.push(taskId)
    if (kind === 'flow' && taskId !== undefined) this.#flows.add(taskId)
    if (kind === 'delete' && taskId !== undefined) this.#tasks.splice(this.#tasks.indexOf(taskId), 1)
  }
}
