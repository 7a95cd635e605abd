import * as z from 'zod'
import { LOCAL_HEADER } from '../control/guard.ts'
import * as answers from './answers.ts'
import type { HelixClient } from './client.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, exitCodeOf, sentence } from './failure.ts'

const Time = z.coerce.date()

const CronEntry = z.object({
  name: z.string(),
  cron: z.string(),
  next: z.array(Time),
  last: z.object({ at: Time, status: z.number(), answer: z.unknown() }).nullable(),
})

const Clock = z.object({ now: Time, offset_ms: z.number(), time_zone: z.string() })
const State = z.object({ clock: Clock, cron: z.array(CronEntry) })
const Fired = z.object({ name: z.string(), fired: z.boolean(), status: z.number().nullable(), answer: z.unknown() })
const Advanced = z.object({ now: Time, offset_ms: z.number(), ticks: z.record(z.string(), z.number()) })

export type CronEntryAnswer = z.infer<typeof CronEntry>
export type FiredAnswer = z.infer<typeof Fired>
export type AdvancedAnswer = z.infer<typeof Advanced>

/** What the command line asks of a runner's own interface. Each throws {CliFailure} when it is refused. */
export function openLocalApi(client: HelixClient, { say, language }: Pick<CliContext, 'say' | 'language'>) {
  async function call<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    body?: unknown,
  ): Promise<z.output<Schema>> {
    const headers = { 'Accept-Language': language, 'Content-Type': 'application/json', [LOCAL_HEADER]: '1' }
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await client.fetch(`/__local/api/${path}`, init)
    const answer: unknown = await response.json().catch(() => null)
    if (response.ok) return schema.parse(answer)
    const problem = answers.ProblemAnswer.safeParse(answer)
    if (response.status === 401 || (problem.success && /^There is no endpoint/.test(problem.data.detail ?? ''))) {
      throw new CliFailure(
        EXIT.configuration,
        'not_for_development',
        say({ zh: '此运行器不提供开发接口', en: 'This runner is not one for development' }),
        { hint: say({ zh: '仅在 HELIX_AUTH=off 时可用', en: 'That needs HELIX_AUTH=off' }) },
      )
    }
    if (!problem.success) throw new CliFailure(EXIT.failed, 'strange_answer', `HTTP ${response.status}`)
    const { code, error, title, detail, hint, errors } = problem.data
    throw new CliFailure(exitCodeOf(code), code, sentence(error ?? title ?? code, detail, language), { hint, errors })
  }
  return {
    state: () => call('state', State),
    advance: (ms: number) => call('clock/advance', Advanced, { ms }),
    fire: (name: string, at: string | undefined) =>
      call(`cron/${encodeURIComponent(name)}/fire`, Fired, at === undefined ? {} : { at }),
  }
}
