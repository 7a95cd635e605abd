import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context, SQSBatchResponse } from 'aws-lambda'
import { type AwsSandbox, openAwsPlatform, openAwsSandbox } from '../shared/platform/aws.ts'
import { type AwsEvent, eventOf } from '../shared/platform/aws-event.ts'
import {
  ANSWER_BYTES_MAX,
  type GatewayAnswer,
  type GatewayHead,
  headOf,
  requestOf,
  wholeAnswer,
} from '../shared/platform/aws-http.ts'
import { consumeSqsEvent } from '../shared/platform/aws-sqs-consumer.ts'
import { cloudSteadyMs, type OpenPlatform } from '../shared/platform/cloud.ts'
import { commonMiddleware, createFunction } from '../shared/platform/http/create-function.ts'
import type { Mail } from '../shared/platform/mail.ts'
import type { Platform } from '../shared/platform/platform.ts'
import { Problem } from '../shared/platform/problems.ts'
import { inlineSandbox } from '../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../shared/sandbox/quickjs-node.ts'
import { assertServed, type LambdaParts, servedHere } from './aws-served.ts'
import { tick } from './aws-tick.ts'
import { budgetedTriggers } from './budgeted-triggers.ts'
import { openTriggers, type Triggers } from './triggers.ts'

/** Puts status and headers before the body, as only Lambda's runtime can. */
export type BeginAnswer = (out: Writable, head: GatewayHead) => Writable

type LambdaContext = Pick<Context, 'getRemainingTimeInMillis'>

// An HTTP API gives up after 30 s and then tells its caller nothing of what there was. A stream that ends in time is
// delivered, and its reader comes back for the rest.
const BUFFERED_MS_MAX = 25_000

/** The handlers of a Lambda: every trigger becomes a Request to the function that it is for. */
export function lambdaHandlers(parts: LambdaParts) {
  const nodes = inlineSandbox({ module: quickJsModule, steadyMs: cloudSteadyMs })
  let kept: { sandbox: AwsSandbox; here: LambdaParts; triggers: Triggers } | null = null
  const open = async (context: LambdaContext, limitMs?: number) => {
    if (kept === null) {
      const here = servedHere(parts) // not while importing: a bad setting then names itself in every answer's log
      kept = {
        sandbox: openAwsSandbox(parts.env),
        here,
        triggers: budgetedTriggers(openTriggers(here.functions, here.scheduled)),
      }
    }
    const { sandbox, here, triggers } = kept
    const dispatch: Triggers['dispatch'] = async (platform, message, handed) => {
      assertServed(parts, here, message.function)
      return await triggers.dispatch(platform, message, handed)
    }
    const limit = limitMs === undefined ? {} : { limitMs }
    return {
      sandbox,
      here,
      triggers,
      opened: await openAwsPlatform(sandbox, {
        context,
        dispatch,
        sandbox: nodes,
        mail: await mailOf(sandbox),
        ...limit,
      }),
    }
  }
  return {
    /**
     * Takes every kind of event; HTTP answers leave whole.
     * @throws {Error} for an event that is none of ours, and after a tick whose function failed
     */
    async handler(event: unknown, context: LambdaContext): Promise<GatewayAnswer | SQSBatchResponse | undefined> {
      const seen = eventOf(event)
      const { sandbox, here, triggers, opened } = await open(
        context,
        seen.kind === 'http' ? BUFFERED_MS_MAX : undefined,
      )
      return await settled(opened, async ({ platform }) => {
        if (seen.kind === 'http') return await whole(platform, await answered(platform, triggers, seen.event))
        if (seen.kind === 'messages') return await consumeSqsEvent(platform, seen.event, sandbox.sqs)
        await tick(platform, triggers, here.scheduled, seen)
        return undefined
      })
    },

    /** Takes HTTP only, from a function URL that streams: answers leave while they are written, of any size. */
    async stream(event: unknown, out: Writable, context: LambdaContext, begin: BeginAnswer): Promise<void> {
      const seen = eventOf(event)
      if (seen.kind !== 'http') throw new Error(`The handler "stream" takes HTTP only, not ${seen.kind}: use "handler"`)
      const { triggers, opened } = await open(context)
      await settled(opened, async ({ platform }) => {
        const { response } = await answered(platform, triggers, seen.event)
        const body = begin(out, headOf(response))
        body.write('') // the head leaves with the first write, also where no body follows
        if (response.body === null) body.end()
        else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), body)
      })
    },
  }
}

interface Answered {
  readonly request: Request
  readonly response: Response
}

/** Loaded only where letters are wanted. */
async function mailOf({ config }: AwsSandbox): Promise<Mail | null> {
  if (config.HELIX_SMTP_URL === undefined) return null
  const { smtpMail } = await import('../shared/platform/smtp-mail.ts')
  return smtpMail(config.HELIX_SMTP_URL)
}

type HttpEvent = Extract<AwsEvent, { kind: 'http' }>['event']

/** Also after a failure: what was begun and deferred must not be frozen half done. */
async function settled<T>(opened: OpenPlatform, work: (opened: OpenPlatform) => Promise<T>): Promise<T> {
  try {
    return await work(opened)
  } finally {
    await opened.settled()
  }
}

async function answered(platform: Platform, triggers: Triggers, event: HttpEvent): Promise<Answered> {
  let request: Request
  try {
    request = requestOf(event)
  } catch {
    const { method } = event.requestContext.http
    const refused = new Request('https://lambda.invalid/')
    const problem = new Problem('invalid_request', `It is no HTTP request that can be answered (${method})`)
    return { request: refused, response: await refuse(platform, refused, problem) }
  }
  return { request, response: await triggers.fetch(platform, request) }
}

async function whole(platform: Platform, { request, response }: Answered): Promise<GatewayAnswer> {
  const answer = await wholeAnswer(response)
  if (answer !== null) return answer
  const problem = new Problem('answer_too_large', `A Lambda answers with at most ${ANSWER_BYTES_MAX} bytes at once`, {
    hint: 'Ask for ranges of a file (header Range), or deploy with a function URL that streams',
  })
  return await whole(platform, { request, response: await refuse(platform, request, problem) })
}

/** A problem that no function has met, told in the caller's language like any other. */
async function refuse(platform: Platform, request: Request, problem: Problem): Promise<Response> {
  const app = createFunction()
  app.use(...commonMiddleware()).all('*', () => {
    throw problem
  })
  return await app.fetch(new Request(request.url, { headers: request.headers }), { platform })
}
