import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { eventBridgeCron } from '../../../infra/aws/cron.ts'
import { templates } from '../../../infra/aws/render.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'

type Properties = Record<string, unknown> & { readonly Environment: { readonly Variables: Record<string, unknown> } }
interface Parsed {
  readonly Parameters: Record<string, { readonly Default?: unknown }>
  readonly Conditions: Record<string, unknown>
  readonly Resources: Record<
    string,
    { readonly Type: string; readonly Condition?: string; readonly Properties: Properties }
  >
}

const ONE = 'template.yaml'
const PER_FUNCTION = 'template-per-function.yaml'
const RESOURCES_MAX = 500 // of one stack
const SECRETS = ['DATABASE_URL', 'HELIX_SOURCE_BUSINESS_URL', 'HELIX_SECRET_KEY', 'HELIX_API_KEYS']

const rendered = templates()
const read = Object.fromEntries(
  Object.entries(rendered).map(([name, text]) => [name, parse(text, { version: '1.1' }) as Parsed]),
)
const parsed = (name: string) => read[name] as Parsed
const ofType = (name: string, type: string) =>
  Object.entries(parsed(name).Resources).filter(([, resource]) => resource.Type === `AWS::${type}`)
const only = (properties: Properties) => properties.Environment.Variables.HELIX_FUNCTION

describe.each([ONE, PER_FUNCTION])('%s', (name) => {
  test('is what the manifests give: run `npx tsx infra/aws/render.ts`', () => {
    const file = new URL(`../../../infra/aws/${name}`, import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(rendered[name])
  })

  test('refers to nothing that it does not have', () => {
    const { Parameters, Conditions, Resources } = parsed(name)
    const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources)])
    const missing = [...references(parsed(name))].filter((target) => !known.has(target) && !target.startsWith('AWS::'))
    expect(missing).toEqual([])
    expect([...conditionsIn(parsed(name))].filter((condition) => !(condition in Conditions))).toEqual([])
  })

  test('uses every parameter and every condition', () => {
    const used = references(parsed(name))
    expect(Object.keys(parsed(name).Parameters).filter((parameter) => !used.has(parameter))).toEqual([])
    const asked = conditionsIn(parsed(name))
    expect(Object.keys(parsed(name).Conditions).filter((condition) => !asked.has(condition))).toEqual([])
  })

  test('takes secrets from Secrets Manager and writes none', () => {
    for (const [, { Properties }] of ofType(name, 'Lambda::Function')) {
      for (const [variable, value] of Object.entries(Properties.Environment.Variables)) {
        if (!SECRETS.includes(variable) && !variable.endsWith('_API_KEY')) continue
        expect(JSON.stringify(value)).toContain(`{{resolve:secretsmanager:\${Secret}:SecretString:${variable}}}`)
      }
    }
    expect(rendered[name]).not.toMatch(/postgres(ql)?:\/\/|AKIA|password:/i)
  })

  test('reads words that YAML 1.1 takes for booleans as words', () => {
    for (const [, { Properties }] of ofType(name, 'Scheduler::Schedule')) {
      expect(Properties.FlexibleTimeWindow).toEqual({ Mode: 'OFF' })
    }
  })

  test('stays within what a stack may have', () => {
    expect(Object.keys(parsed(name).Resources).length).toBeLessThan(RESOURCES_MAX)
    expect(Buffer.byteLength(rendered[name] ?? '')).toBeLessThan(1_000_000)
  })

  test('gives a message more time than its function has, and reports each failure by itself', () => {
    const [[, queue] = []] = ofType(name, 'SQS::Queue')
    const [[, mapping] = []] = ofType(name, 'Lambda::EventSourceMapping')
    expect(queue?.Properties.VisibilityTimeout).toBe(6 * 900)
    expect(mapping?.Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] })
  })

  test('keeps the bucket private and encrypted', () => {
    const [[, bucket] = []] = ofType(name, 'S3::Bucket')
    expect(Object.values(bucket?.Properties.PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true])
    expect(JSON.stringify(bucket?.Properties.BucketEncryption)).toContain('AES256')
  })
})

test('the template for one Lambda fires each expression of the manifest once', () => {
  const fired = ofType(ONE, 'Scheduler::Schedule').map(([, { Properties }]) => [
    Properties.ScheduleExpression,
    JSON.parse((Properties.Target as { Input: string }).Input),
  ])
  const crons = [...new Set(SCHEDULED.map(({ cron }) => cron))]
  expect(fired).toEqual(crons.map((cron) => [eventBridgeCron(cron), { cron }]))
})

describe('the template for a Lambda per function', () => {
  const lambdas = ofType(PER_FUNCTION, 'Lambda::Function').map(([, { Properties }]) => only(Properties))

  test('has a Lambda for each HTTP function and each scheduled one, and one for all steps', () => {
    const http = FUNCTIONS.filter(({ trigger }) => trigger === 'http').map(({ name }) => name)
    const steps = FUNCTIONS.filter(({ trigger }) => trigger === 'queue').map(({ name }) => name)
    expect(lambdas).toEqual([...http, steps.join(','), ...SCHEDULED.map(({ name }) => name)])
  })

  test('fires each scheduled function once, by its name', () => {
    const fired = ofType(PER_FUNCTION, 'Scheduler::Schedule').map(([, { Properties }]) => [
      Properties.ScheduleExpression,
      JSON.parse((Properties.Target as { Input: string }).Input),
    ])
    expect(fired).toEqual(SCHEDULED.map(({ name, cron }) => [eventBridgeCron(cron), { scheduled: name }]))
  })

  test('leads each route to its function once, its head included', () => {
    const keys = ofType(PER_FUNCTION, 'ApiGatewayV2::Route').map(([, { Properties }]) => String(Properties.RouteKey))
    expect(new Set(keys).size).toBe(keys.length)
    const app = FUNCTIONS.filter(({ trigger }) => trigger === 'http').flatMap(({ app }) => app.routes)
    const paths = new Set(app.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`))
    const heads = [...paths].filter((route) => route.startsWith('GET '))
    expect(keys.length).toBe(paths.size + heads.length + 1)
    expect(keys).toContain('$default')
    expect(keys).toContain('HEAD /api/v0/data_pipeline/tasks/{task_id}/files/download/{name+}')
  })
})

/** What Ref, GetAtt and Sub name. */
function references(value: unknown): Set<string> {
  const found = new Set<string>()
  walk(value, (key, inner) => {
    if (key === 'Ref') found.add(String(inner))
    if (key === 'Fn::GetAtt') found.add(String((inner as string[])[0]))
    if (key !== 'Fn::Sub') return
    for (const [, name = ''] of String(inner).matchAll(/\$\{([\w:]+)(?:\.\w+)?\}/g)) found.add(name)
  })
  return found
}

function conditionsIn(value: unknown): Set<string> {
  const found = new Set<string>()
  walk(value, (key, inner) => {
    if (key === 'Fn::If') found.add(String((inner as unknown[])[0]))
    if (key === 'Condition' && typeof inner === 'string') found.add(inner)
  })
  return found
}

function walk(value: unknown, see: (key: string, inner: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    see(key, inner)
    walk(inner, see)
  }
}
