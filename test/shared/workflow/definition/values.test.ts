import { describe, expect, test } from 'vitest'
import type { Field, Json, JsonSchema } from '../../../../shared/workflow/definition/definition.ts'
import { createFindings } from '../../../../shared/workflow/definition/findings.ts'
import { canonicalJson, checkBySchema } from '../../../../shared/workflow/definition/json-schema.ts'
import { nearestName } from '../../../../shared/workflow/definition/near-miss.ts'
import { isSafePattern, matchesPattern } from '../../../../shared/workflow/definition/patterns.ts'
import { bindQuery } from '../../../../shared/workflow/definition/query-text.ts'
import { validateInputs, validateOutputs } from '../../../../shared/workflow/definition/values.ts'

const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  name,
  type,
  required: true,
  ...more,
})

describe('the inputs of a node', () => {
  const inputs = [field('rows', 'list<object>'), field('top', 'integer', { required: false, default: 3 })]

  test('are filled up with defaults', () => {
    expect(validateInputs({ inputs }, { rows: [{ a: 1 }] }, 'en')).toEqual({
      values: { rows: [{ a: 1 }], top: 3 },
      findings: [],
    })
  })

  test.each([
    ['a missing one', {}, 'missing_input', 'inputs.rows'],
    ['an unknown one', { rows: [], tpo: 1 }, 'unknown_input', 'inputs.tpo'],
    ['a wrong type', { rows: 'x' }, 'wrong_type', 'inputs.rows'],
    ['a wrong item', { rows: [{}, 2] }, 'wrong_type', 'inputs.rows[1]'],
    ['half a number', { rows: [], top: 1.5 }, 'wrong_type', 'inputs.top'],
  ])('with %s are refused by path', (_, given, code, path) => {
    expect(validateInputs({ inputs }, given as never, 'en').findings).toMatchObject([{ code, path, severity: 'error' }])
  })

  test('too deep to be walked are refused', () => {
    let deep: Json = []
    for (let level = 0; level < 5_000; level++) deep = [deep]
    const { findings } = validateInputs({ inputs: [field('any', 'any')] }, { any: deep }, 'en')
    expect(findings).toMatchObject([{ code: 'too_deep', path: 'inputs.any' }])
  })
})

test('An answer that lacks an output or has it wrong is refused by path', () => {
  const outputs = [field('rate', 'number'), field('name', 'string')]
  expect(validateOutputs({ outputs }, { rate: 'high', more: 1 }, 'zh')).toMatchObject([
    { code: 'unknown_output', path: 'outputs.more', severity: 'warning' },
    { code: 'wrong_type', path: 'outputs.rate', message: '应为数字，而不是文本' },
    { code: 'missing_output', path: 'outputs.name' },
  ])
})

describe('a JSON Schema', () => {
  test.each<[string, JsonSchema, Json, Json]>([
    ['type', { type: ['string', 'null'] }, null, 1],
    ['enum', { enum: ['a', { b: 1 }] }, { b: 1 }, 'c'],
    ['const', { const: 1 }, 1, 2],
    ['required', { required: ['a'] }, { a: null }, {}],
    ['properties', { properties: { a: { type: 'integer' } } }, { a: 1 }, { a: 1.5 }],
    ['additionalProperties', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    ['items', { items: { minimum: 2 } }, [2, 3], [1]],
    ['minItems', { minItems: 1 }, [1], []],
    ['maxItems', { maxItems: 1 }, [1], [1, 2]],
    [
      'uniqueItems',
      { uniqueItems: true },
      [{ a: 1, b: 2 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ['minLength', { minLength: 2 }, '中文', '中'],
    ['maxLength', { maxLength: 1 }, '😀', 'ab'],
    ['pattern', { pattern: '^\\d{4}-\\d{2}$' }, '2024-05', '2024-5'],
    ['maximum', { maximum: 3 }, 3, 4],
    ['exclusiveMinimum', { exclusiveMinimum: 0 }, 0.1, 0],
    ['multipleOf', { multipleOf: 0.1 }, 0.3, 0.35],
    ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, 1, 3],
    ['anyOf', { anyOf: [{ type: 'string' }, { minimum: 5 }] }, 6, 4],
    ['oneOf', { oneOf: [{ minimum: 1 }, { minimum: 5 }] }, 2, 6],
    ['not', { not: { type: 'string' } }, 1, 'a'],
  ])('with %s takes what fits and refuses what does not', (_, schema, good, bad) => {
    const told = (value: Json) => {
      const findings = createFindings('en')
      checkBySchema(value, schema, 'x', findings)
      return findings.failed
    }
    expect([told(good), told(bad)]).toEqual([false, true])
  })

  test('is refused a pattern that could take forever, or is none', () => {
    expect(['(a+)+$', '(?=a)b', '(a)\\1', '(', 'a*b*c*d*e*'].filter(isSafePattern)).toEqual([])
    expect(['^[a-z]+@[a-z]+\\.[a-z]+$', '^\\d{4}-\\d{2}-\\d{2}$', '^(?:a|b)$'].every(isSafePattern)).toBe(true)
    expect(matchesPattern('a*a*a*b', 'a'.repeat(100_000))).toBeNull()
  })
})

test('Equal values have one canonical text, whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null,"d":1}]}')
})

test('A value can not become a part of the statement that it is written into', () => {
  const bound = bindQuery(`select :a, ':a', :b::date, :c, :d, :e, :f -- :a`, {
    a: `x'; drop table t; --`,
    b: '2024-01-01',
    c: -1,
    d: ['p', `q'`],
    e: { k: '\\' },
    f: null,
  })
  expect(bound).toBe(
    `select 'x''; drop table t; --', ':a', '2024-01-01'::date, (-1), array['p', 'q'''],  E'{"k":"\\\\\\\\"}'::jsonb, null -- :a`,
  )
})

test.each([
  ['executer_type', 'executor_type'],
  ['Executor-Type', 'executor_type'],
  ['nubmer', 'number'],
  ['apple', undefined],
])('The nearest name to %s is %s', (given, wanted) => {
  expect(nearestName(given, ['executor_type', 'number', 'version'])).toBe(wanted)
})
