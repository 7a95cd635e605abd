import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda'

/** What has called a Lambda. */
export type AwsEvent =
  | { readonly kind: 'http'; readonly event: APIGatewayProxyEventV2 }
  | { readonly kind: 'messages'; readonly event: SQSEvent }
  /** A tick of a cron expression: the input that our own schedules carry. */
  | { readonly kind: 'cron'; readonly cron: string }
  /** A tick for one scheduled function, by its name. */
  | { readonly kind: 'scheduled'; readonly name: string }
  /** A tick of an EventBridge rule without an input of its own; its name tells which function is meant. */
  | { readonly kind: 'rule'; readonly rule: string }

const KEYS_SHOWN_MAX = 12

/**
 * Tells events apart by their shape, before anything else looks at them: what is taken for something else would be
 * answered with a success, and lost.
 * @throws {Error} saying what was seen instead (kinds and keys, never values)
 */
export function eventOf(event: unknown): AwsEvent {
  if (!isRecord(event)) throw unknownEvent(event === null ? 'null' : Array.isArray(event) ? 'a list' : typeof event)
  if ('Records' in event) return recordsOf(event)
  if (isRecord(event.requestContext)) return httpOf(event, event.requestContext)
  if (event.source === 'aws.events' && event['detail-type'] === 'Scheduled Event') return ruleOf(event)
  const { cron, scheduled, ...others } = event
  if (Object.keys(others).length === 0 && isName(cron) && scheduled === undefined) return { kind: 'cron', cron }
  if (Object.keys(others).length === 0 && isName(scheduled) && cron === undefined) {
    return { kind: 'scheduled', name: scheduled }
  }
  throw unknownEvent(shapeOf(event))
}

function recordsOf(event: Record<string, unknown>): AwsEvent {
  const records = Array.isArray(event.Records) ? event.Records.filter(isRecord) : []
  // S3 and DynamoDB write `eventSource`, SNS `EventSource`.
  const sources = [...new Set(records.map(({ eventSource, EventSource }) => String(eventSource ?? EventSource)))]
  const whole = Array.isArray(event.Records) && records.length === event.Records.length
  if (!whole || records.length === 0) throw unknownEvent('Records that are no list, or an empty one')
  if (sources.length > 1) throw unknownEvent(`Records of several kinds (${shown(sources)})`)
  if (sources[0] !== 'aws:sqs') throw unknownEvent(`Records of ${shown(sources)}`)
  if (!records.every(isMessage)) throw unknownEvent('Records of SQS without messageId, receiptHandle or body')
  return { kind: 'messages', event: event as unknown as SQSEvent }
}

function httpOf(event: Record<string, unknown>, context: Record<string, unknown>): AwsEvent {
  const { http } = context
  if (event.version === '2.0' && isRecord(http) && isName(http.method) && typeof event.rawPath === 'string') {
    return { kind: 'http', event: event as unknown as APIGatewayProxyEventV2 }
  }
  if ('elb' in context) throw unknownEvent('a request of a load balancer (ALB)', HTTP_HINT)
  if ('connectionId' in context) throw unknownEvent('a WebSocket event of API Gateway', HTTP_HINT)
  if ('httpMethod' in event) throw unknownEvent('a request of API Gateway with payload format 1.0', HTTP_HINT)
  throw unknownEvent(shapeOf(event))
}

function ruleOf(event: Record<string, unknown>): AwsEvent {
  const [resource, ...others] = Array.isArray(event.resources) ? event.resources : []
  const rule = typeof resource === 'string' ? /:(?:rule|schedule)\/(?:.*\/)?([^/]+)$/.exec(resource)?.[1] : undefined
  if (rule === undefined || others.length > 0) throw unknownEvent('a Scheduled Event that does not name one rule')
  return { kind: 'rule', rule }
}

const HTTP_HINT = 'HTTP needs a function URL, or an HTTP API with payload format 2.0'

function unknownEvent(seen: string, hint = 'It takes HTTP, SQS and EventBridge events'): Error {
  return new Error(`Helix does not know this event: ${seen}. ${hint}`)
}

function shapeOf(event: Record<string, unknown>): string {
  const keys = Object.keys(event)
  return keys.length === 0 ? 'an empty object' : `an object with ${shown(keys)}`
}

/** Names of things only, cut to what a log line can hold: a payload's text is nobody's business. */
function shown(names: readonly string[]): string {
  const some = names.slice(0, KEYS_SHOWN_MAX).map((name) => name.replaceAll(/[^\w:. -]/g, '?').slice(0, 40))
  return `${some.join(', ')}${names.length > KEYS_SHOWN_MAX ? ', …' : ''}`
}

function isMessage({ messageId, receiptHandle, body }: Record<string, unknown>): boolean {
  return isName(messageId) && typeof receiptHandle === 'string' && typeof body === 'string'
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
