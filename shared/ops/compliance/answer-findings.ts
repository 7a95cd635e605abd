import type { Operation } from './document.ts'
import type { RawFinding } from './finding.ts'
import { isObject, schemaErrors } from './json-schema.ts'

/** An answer, read as far as it is looked at. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Null for one that is not JSON, or too long, or never ends. */
  readonly json: unknown
}

const PROBLEM_TYPE = 'application/problem+json'
const ANY_TYPE = '*/*' // of a file, whose type is its own
const SERVER_ERROR = 500

/** What of an answer is not as the endpoint's description says. */
export function answerFindings(operation: Operation, endpoint: string, answer: Answer, root: unknown): RawFinding[] {
  const { status, headers } = answer
  const type = mediaType(headers)
  const about = (rule: RawFinding['rule'], expected: string, found: string): RawFinding => {
    return { rule, endpoint, expected, found }
  }
  if (status === SERVER_ERROR) {
    return [about('server_error', statusesOf(operation), `500 ${requestIdOf(answer)}`)]
  }
  const findings: RawFinding[] = []
  if (headers.get('x-request-id') === null) findings.push(about('missing_header', 'X-Request-Id', 'none'))
  const documented = operation.answers.get(String(status))
  if (documented === undefined) {
    findings.push(about('undocumented_status', statusesOf(operation), `${status} ${type}`))
  }
  if (status >= 400 && !isEmptyOrProblem(answer, documented)) {
    findings.push(about('not_a_problem', `${PROBLEM_TYPE} { status: ${status}, code, title, detail }`, `${type}`))
  } else if (documented !== undefined && documented.size > 0) {
    // Nothing is said of what a file holds.
    const schema = documented.get(type) ?? (documented.has(ANY_TYPE) ? null : undefined)
    if (schema === undefined) findings.push(about('wrong_content_type', [...documented.keys()].join(' or '), type))
    else if (schema !== null && isJson(type) && answer.json !== null) {
      const errors = schemaErrors(schema, answer.json, root)
      if (errors.length > 0) findings.push(about('schema_mismatch', `${status} as described`, errors.join('; ')))
    }
  }
  return findings
}

/** An error is told as a problem, unless the description says that this one is told in another way (health). */
function isEmptyOrProblem(answer: Answer, documented: ReadonlyMap<string, unknown> | undefined): boolean {
  const type = mediaType(answer.headers)
  if (type !== PROBLEM_TYPE) return documented?.has(type) === true
  const { json } = answer
  return (
    isObject(json) && json.status === answer.status && typeof json.code === 'string' && typeof json.title === 'string'
  )
}

export function mediaType(headers: Headers): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'no type'
}

export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

function requestIdOf({ headers }: Answer): string {
  return `request_id ${headers.get('x-request-id') ?? 'unknown'}`
}

function statusesOf({ answers }: Operation): string {
  return [...answers.keys()].join(', ')
}
