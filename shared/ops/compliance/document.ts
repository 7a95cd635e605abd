import type { RawFinding } from './finding.ts'
import { isObject, resolveRef, type Schema } from './json-schema.ts'

export interface Parameter {
  readonly name: string
  readonly in: string
}

/** One endpoint of a description. */
export interface Operation {
  readonly method: string
  /** With its parameters in braces: `/api/v1/jobs/{id}`. */
  readonly path: string
  readonly id: string | null
  readonly summary: string | null
  readonly parameters: readonly Parameter[]
  /** By status: the schema by media type. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, Schema | null>>
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** The endpoints of an OpenAPI document; none of something else. */
export function operationsOf(document: unknown): Operation[] {
  if (!isObject(document) || !isObject(document.paths)) return []
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(isObject(item) ? item : {})
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => operationOf(method.toUpperCase(), path, isObject(operation) ? operation : {})),
  )
}

/** What is wrong with a document itself, whatever the API does. */
export function documentFindings(document: unknown): RawFinding[] {
  const about = (rule: RawFinding['rule'], endpoint: string, expected: string, found: string): RawFinding => {
    return { rule, endpoint, expected, found }
  }
  if (!isObject(document)) return [about('invalid_document', '/openapi.json', 'a JSON object', typeof document)]
  const findings: RawFinding[] = []
  const { openapi, info, paths } = document
  if (!/^3\.1\.\d+$/.test(String(openapi))) {
    findings.push(about('invalid_document', '/openapi.json', 'openapi 3.1.x', String(openapi)))
  }
  if (!isObject(info) || typeof info.title !== 'string' || typeof info.version !== 'string') {
    findings.push(about('invalid_document', '/openapi.json', 'info.title, info.version', JSON.stringify(info) ?? ''))
  }
  if (!isObject(paths)) findings.push(about('invalid_document', '/openapi.json', 'paths', typeof paths))
  const ids = new Map<string, string>()
  for (const { method, path, id, summary, parameters, answers } of operationsOf(document)) {
    const endpoint = `${method} ${path}`
    if (id === null) findings.push(about('missing_operation_id', endpoint, 'operationId', 'none'))
    else if (ids.has(id))
      findings.push(about('duplicate_operation_id', endpoint, 'one of its own', `${id}: ${ids.get(id)}`))
    if (id !== null) ids.set(id, endpoint)
    if (summary === null) findings.push(about('missing_summary', endpoint, 'summary or description', 'none'))
    if (answers.size === 0) findings.push(about('invalid_document', endpoint, 'responses', 'none'))
    const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    for (const name of parametersIn(path)) {
      if (!declared.includes(name))
        findings.push(about('undeclared_parameter', endpoint, `{${name}}`, declared.join() || 'none'))
    }
  }
  for (const ref of new Set(referencesIn(document))) {
    if (resolveRef(document, ref) === undefined)
      findings.push(about('broken_reference', '/openapi.json', ref, 'nothing'))
  }
  return findings
}

export function parametersIn(path: string): string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
}

function operationOf(method: string, path: string, operation: Schema): Operation {
  const parameters = Array.isArray(operation.parameters) ? operation.parameters.filter(isObject) : []
  const responses = isObject(operation.responses) ? Object.entries(operation.responses) : []
  const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  return {
    method,
    path,
    id: textOf(operation.operationId),
    summary: textOf(operation.summary) ?? textOf(operation.description),
    parameters: parameters.map((parameter) => ({ name: String(parameter.name), in: String(parameter.in) })),
    answers: new Map(responses.map(([status, answer]) => [status, contentOf(answer)])),
  }
}

function contentOf(answer: unknown): Map<string, Schema | null> {
  const content = isObject(answer) && isObject(answer.content) ? Object.entries(answer.content) : []
  return new Map(
    content.map(([type, media]) => [type, isObject(media) && isObject(media.schema) ? media.schema : null]),
  )
}

function* referencesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* referencesIn(item)
  if (!isObject(value)) return
  if (typeof value.$ref === 'string') yield value.$ref
  for (const item of Object.values(value)) yield* referencesIn(item)
}
