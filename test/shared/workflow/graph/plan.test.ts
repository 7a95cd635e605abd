import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../shared/workflow/definition/definition.ts'
import type { WorkflowDefinition } from '../../../../shared/workflow/definition/workflow-definition.ts'
import {
  evaluateWhen,
  planOf,
  resolveInputs,
  resolveItems,
  resolveOutputs,
} from '../../../../shared/workflow/graph/plan.ts'
import type { ValueScope } from '../../../../shared/workflow/graph/values.ts'

const DEFINITION: WorkflowDefinition = {
  inputs: [{ name: 'regions', type: 'list<string>', required: true }],
  nodes: [
    { name: 'report', node: 'write_report', version: '1.0.0', inputs: { rows: '{{ nodes.sales.outputs.rows }}' } },
    {
      name: 'sales',
      node: 'read_sales',
      version: '2.1.0',
      for_each: '{{ inputs.regions }}',
      inputs: { region: '{{ item }}', label: 'No. {{ index }}' },
      retry: { max_attempts: 5 },
      timeout_seconds: 40,
    },
    { name: 'check', node: 'sql_validation', needs: ['report'], when: 'nodes.sales.outputs.rows.length > 1' },
    { name: 'load', node: 'training_load', inputs: { pairs: '{{ nodes.check.outputs.pairs }}' } },
  ],
  edges: [{ source: 'sales', target: 'load' }],
  outputs: { total: '{{ nodes.report.outputs.total }}', note: 'of {{ inputs.regions }}' },
}

const scopeOf = (given: Partial<ValueScope> = {}): ValueScope => ({
  inputs: { regions: ['N', 'S'] },
  outputsOf: () => undefined,
  ...given,
})

describe('the plan of a workflow', () => {
  test('has its nodes in order, each with what it waits for', () => {
    const plan = planOf(DEFINITION)
    expect(plan.map(({ name, needs, next, level }) => ({ name, needs, next, level }))).toEqual([
      { name: 'sales', needs: [], next: ['report', 'check', 'load'], level: 0 },
      { name: 'report', needs: ['sales'], next: ['check'], level: 1 },
      { name: 'check', needs: ['sales', 'report'], next: ['load'], level: 2 },
      { name: 'load', needs: ['sales', 'check'], next: [], level: 3 },
    ])
    expect(plan[0]).toMatchObject({
      node: 'read_sales',
      version: '2.1.0',
      isStep: false,
      maxAttempts: 5,
      timeoutSeconds: 40,
    })
    expect(plan[2]).toMatchObject({ node: 'sql_validation', version: null, isStep: true, maxAttempts: null })
  })

  test('is refused where nodes wait for each other, who are named in order', () => {
    const nodes = [
      { name: 'a', node: 'x', needs: ['b'] },
      { name: 'b', node: 'x', inputs: { v: '{{ nodes.a.outputs.v }}' } },
    ]
    expect(() => planOf({ inputs: [], nodes })).toThrow('a → b → a')
  })

  test('resolves inputs from items, other nodes and the workflow', () => {
    const [sales, report] = planOf(DEFINITION)
    if (sales === undefined || report === undefined) throw new Error('two nodes were expected')
    const scope = scopeOf({ outputsOf: (name) => (name === 'sales' ? { rows: [[1], [2]] } : undefined) })
    expect(resolveItems(sales, scope)).toEqual(['N', 'S'])
    expect(resolveItems(report, scope)).toBeNull()
    expect(resolveInputs(sales, { ...scope, item: 'S', index: 1 })).toEqual({ region: 'S', label: 'No. 1' })
    expect(resolveInputs(report, scope)).toEqual({ rows: [[1], [2]] })
    expect(resolveInputs(report, scopeOf())).toEqual({})
  })

  test('turns numbers and truths into text where a node asks for text, also inside lists', () => {
    const node = { node: 'x', inputs: { name: 7, all: [true, 'a', 1.5], raw: 7 } as Record<string, Json> }
    const fields = [
      { name: 'name', type: 'string', required: true },
      { name: 'all', type: 'list<string>', required: true },
      { name: 'raw', type: 'any', required: true },
    ] as const
    expect(resolveInputs(node, scopeOf(), fields)).toEqual({ name: '7', all: ['true', 'a', '1.5'], raw: 7 })
  })

  test('asks a condition, and refuses to run for each of what is no list', () => {
    const [sales, , check] = planOf(DEFINITION)
    if (sales === undefined || check === undefined) throw new Error('three nodes were expected')
    const rows = (count: number) => scopeOf({ outputsOf: () => ({ rows: Array.from({ length: count }, () => 0) }) })
    expect([1, 2].map((count) => evaluateWhen(check, rows(count)))).toEqual([false, true])
    expect(evaluateWhen(sales, scopeOf())).toBe(true)
    expect(() => resolveItems(sales, scopeOf({ inputs: { regions: 'N' } }))).toThrow('takes a list')
    expect(resolveItems(sales, scopeOf({ inputs: {} }))).toEqual([])
  })

  test('answers with what the definition names, null where it leads to nothing', () => {
    expect(resolveOutputs(DEFINITION, scopeOf({ outputsOf: () => ({ total: 3 }) }))).toEqual({
      total: 3,
      note: 'of ["N","S"]',
    })
    expect(resolveOutputs(DEFINITION, scopeOf())).toMatchObject({ total: null })
  })
})
