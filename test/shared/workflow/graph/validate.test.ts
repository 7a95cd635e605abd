import { describe, expect, test } from 'vitest'
import type { Field, Json, JsonObject } from '../../../../shared/workflow/definition/definition.ts'
import { DATA_PIPELINE } from '../../../../shared/workflow/graph/built-in.ts'
import { knownNodes, type NodeSignature } from '../../../../shared/workflow/graph/known-nodes.ts'
import { parseWorkflow } from '../../../../shared/workflow/graph/parse-workflow.ts'
import { checkGraph } from '../../../../shared/workflow/graph/validate.ts'

function field(name: string, type: Field['type'], changes: Partial<Field> = {}): Field {
  return { name, type, required: true, ...changes }
}

function signature(
  name: string,
  inputs: readonly Field[],
  outputs: readonly Field[],
  version = '1.0.0',
): NodeSignature {
  return { name, version, contentHash: `hash of ${name}`, enabled: true, inputs, outputs }
}

const ROW = { type: 'object', properties: { amount: { type: 'number' } }, additionalProperties: false } as const
const KNOWN = knownNodes([
  signature(
    'read_sales',
    [field('region', 'string', { required: false })],
    [field('rows', 'list<object>', { schema: { type: 'array', items: ROW } }), field('count', 'integer')],
  ),
  signature('growth', [field('current', 'number'), field('previous', 'number')], [field('rate', 'number')]),
  signature(
    'label',
    [field('text', 'string'), field('all', 'list<string>', { required: false })],
    [field('text', 'string')],
  ),
  signature('keep', [field('pairs', 'list<object>')], [field('pairs', 'list<object>')]),
  { ...signature('old', [], [field('x', 'any')]), enabled: false },
])

function check(given: JsonObject, language: 'zh' | 'en' = 'en') {
  const { definition, findings } = parseWorkflow(given as Json, language)
  if (definition === null) throw new Error(JSON.stringify(findings))
  return checkGraph(definition, KNOWN, language)
}

const SALES = { name: 'sales', node: 'read_sales' }
const found = (given: JsonObject) => check(given).findings.map(({ code, path }) => `${code} ${path}`)

describe('a workflow', () => {
  test('of the four steps is good, and so is one with a filter between two of them', () => {
    expect(checkGraph(DATA_PIPELINE, KNOWN, 'en')).toMatchObject({
      findings: [],
      order: ['ddl_generation', 'qa_generation', 'sql_validation', 'training_load'],
    })
    const [ddl, qa, , load] = DATA_PIPELINE.nodes
    const nodes = [
      ddl,
      qa,
      load,
      { name: 'sql_validation', node: 'sql_validation', inputs: { pairs: '{{ nodes.filter.outputs.pairs }}' } },
      { name: 'filter', node: 'keep', inputs: { pairs: '{{ nodes.qa_generation.outputs.pairs }}' } },
    ]
    expect(check({ nodes } as unknown as JsonObject)).toMatchObject({
      findings: [],
      order: ['ddl_generation', 'qa_generation', 'filter', 'sql_validation', 'training_load'],
    })
  })

  test('is told everything that is wrong with it at once', () => {
    const nodes = [
      { name: 'a', node: 'reed_sales' },
      { name: 'b', node: 'growth', version: '9.0.0' },
      { name: 'c', node: 'old' },
      { ...SALES, inputs: { regoin: 'N' } },
      {
        name: 'd',
        node: 'growth',
        inputs: { current: '{{ nodes.sales.outputs.rows }}', previous: 1 },
        needs: ['salse'],
      },
      { name: 'e', node: 'growth', inputs: { current: '{{ nodes.sales.outputs.coutn }}' } },
      { name: 'f', node: 'label', inputs: { text: '{{ nodes.sales.outputs' }, when: 'inputs.region = 1' },
    ]
    const edges = [{ source: 'nobody', target: 'a' }]
    expect(found({ inputs: { spare: 'string' }, nodes, edges }).toSorted()).toEqual([
      'invalid_condition nodes.f.when',
      'invalid_reference nodes.f.inputs.text',
      'missing_input nodes.e.inputs.previous',
      'node_disabled nodes.c.node',
      'type_mismatch nodes.d.inputs.current',
      'unknown_input nodes.sales.inputs.regoin',
      'unknown_node nodes.a.node',
      'unknown_version nodes.b.version',
      'unresolved_reference edges[0].source',
      'unresolved_reference nodes.d.needs[0]',
      'unresolved_reference nodes.e.inputs.current',
      'unused_input inputs.spare',
    ])
  })

  test.each([
    ['{{ node.sales.outputs.rows }}', 'invalid_reference', 'nodes'],
    ['{{ nodes.sales.output.rows }}', 'invalid_reference', 'outputs'],
    ['{{ nodes.slaes.outputs.count }}', 'unresolved_reference', 'sales'],
    ['{{ nodes.sales.outputs.cuont }}', 'unresolved_reference', 'count'],
    ['{{ nodes.sales.outputs.rows[0].amuont }}', 'unresolved_reference', 'amount'],
    ['{{ inputs.tartget }}', 'unresolved_reference', 'target'],
    ['{{ item }}', 'unresolved_reference', undefined],
    ['{{ nodes.sales.outputs.count.x }}', 'unresolved_reference', undefined],
    ['{{ nodes.sales.outputs.rows.first }}', 'unresolved_reference', undefined],
  ])('with %s is told what was probably meant', (reference, code, nearest) => {
    const nodes = [
      SALES,
      { name: 'g', node: 'growth', inputs: { current: reference, previous: '{{ inputs.target }}' } },
    ]
    const { findings } = check({ inputs: { target: 'number' }, nodes })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ code, path: 'nodes.g.inputs.current', severity: 'error' })
    expect(findings[0]?.nearest).toBe(nearest)
  })

  test.each<[string, Json, boolean]>([
    ['an integer as a number', '{{ nodes.sales.outputs.count }}', true],
    ['a number inside rows', '{{ nodes.sales.outputs.rows[0].amount }}', true],
    ['a length', '{{ nodes.sales.outputs.rows.length }}', true],
    ['something of any type', '{{ inputs.anything.deep[3] }}', true],
    ['a number that is written there', 3.5, true],
    ['a text as a number', '{{ inputs.name }}', false],
    ['digits in a text as a number', '12', false],
    ['a text with a number in it', '{{ nodes.sales.outputs.count }} %', false],
    ['a row as a number', '{{ nodes.sales.outputs.rows[0] }}', false],
    ['a truth as a number', true, false],
  ])('may give %s: %j is acceptable or not', (_, value, good) => {
    const nodes = [SALES, { name: 'g', node: 'growth', inputs: { current: value, previous: '{{ inputs.anything }}' } }]
    const { findings } = check({ inputs: { anything: 'any', name: 'string' }, nodes })
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
    expect(errors).toEqual(good ? [] : ['type_mismatch'])
  })

  test.each<[Json, boolean]>([
    ['{{ nodes.sales.outputs.count }}', true],
    [['a', 'b'], true],
    [[1, true], true],
    [[{ a: 1 }], false],
    ['{{ nodes.sales.outputs.rows }}', false],
    [['{{ nodes.sales.outputs.count }}', '{{ nodes.sales.outputs.rows }}'], true],
  ])('turns numbers and truths into text, but no objects: %j', (value, good) => {
    const inputs = typeof value === 'string' && good ? { text: value } : { text: '', all: value }
    const nodes = [SALES, { name: 'l', node: 'label', inputs }]
    expect(found({ nodes })).toEqual(good ? [] : ['type_mismatch nodes.l.inputs.all'])
  })

  test.each([
    ['nodes.sales.outputs.count > 3', []],
    ['nodes.sales.outputs.rows.length > inputs.limit and inputs.on', []],
    ["inputs.name in ['a', 'b'] or inputs.name == null", []],
    ['nodes.sales.outputs.rows', ['type_mismatch']],
    ['inputs.limit == "3"', ['type_mismatch']],
    ['inputs.name > 3', ['type_mismatch']],
    ['inputs.limit in inputs.name', ['type_mismatch']],
    ['not inputs.limit and inputs.name', ['type_mismatch']],
    ['nodes.none.outputs.x', ['unresolved_reference']],
    ['item.id > 3', ['unresolved_reference']],
  ])('checks the types of a condition: %s', (when, codes) => {
    const inputs = { limit: 'integer', on: 'boolean', name: 'string' }
    const nodes = [
      SALES,
      { name: 'l', node: 'label', inputs: { text: 'x' }, when, for_each: '{{ nodes.sales.outputs.rows }}' },
    ]
    const { findings } = check({ inputs, nodes })
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
    expect([...new Set(errors)]).toEqual(codes)
  })

  test('that runs a node for each item knows the item, and that outputs become lists', () => {
    const each = { name: 'each', node: 'growth', for_each: '{{ nodes.sales.outputs.rows }}' }
    const inputs = { current: '{{ item.amount }}', previous: '{{ index }}' }
    const wrong = { current: '{{ item }}', previous: '{{ item.amuont }}' }
    const use = { name: 'use', node: 'growth', inputs: { current: '{{ nodes.each.outputs.rate[0] }}', previous: 1 } }
    expect(found({ nodes: [SALES, { ...each, inputs }, use] })).toEqual([])
    expect(found({ nodes: [SALES, { ...each, inputs: wrong }] })).toEqual([
      'unresolved_reference nodes.each.inputs.previous',
      'type_mismatch nodes.each.inputs.current',
    ])
    const whole = { ...use, inputs: { current: '{{ nodes.each.outputs.rate }}', previous: 1 } }
    expect(found({ nodes: [SALES, { ...each, inputs }, whole] })).toEqual(['type_mismatch nodes.use.inputs.current'])
    const single = { ...each, inputs, for_each: '{{ nodes.sales.outputs.count }}' }
    expect(found({ nodes: [SALES, single] })).toContain('type_mismatch nodes.each.for_each')
    const text = { ...each, inputs, for_each: 'all of {{ nodes.sales.outputs.rows }}' }
    expect(found({ nodes: [SALES, text] })).toContain('invalid_reference nodes.each.for_each')
  })

  test('whose nodes wait for each other is refused, with the nodes in order and the place of the way back', () => {
    const nodes = [
      { name: 'a', node: 'label', inputs: { text: '{{ nodes.c.outputs.text }}' } },
      { name: 'b', node: 'label', inputs: { text: '{{ nodes.a.outputs.text }}' } },
      { name: 'c', node: 'label', inputs: { text: 'x' }, needs: ['b'] },
    ]
    const { findings, order } = check({ nodes }, 'zh')
    expect(order).toBeNull()
    expect(findings).toEqual([
      { code: 'workflow_cycle', path: 'nodes.a.inputs.text', severity: 'error', message: '循环依赖：a → b → c → a' },
    ])
  })

  test('of one chain that is too long is refused', () => {
    const nodes = Array.from({ length: 101 }, (_, at) => ({
      name: `n${at}`,
      node: 'label',
      inputs: { text: at === 0 ? 'x' : `{{ nodes.n${at - 1}.outputs.text }}` },
    }))
    expect(found({ nodes })).toEqual(['too_deep nodes'])
    expect(found({ nodes: nodes.slice(0, 100) })).toEqual([])
  })

  test('without nodes is refused', () => {
    expect(found({ nodes: [] })).toEqual(['empty_workflow nodes'])
  })
})

describe('the shape of a workflow', () => {
  test('is read from YAML, and what is wrong has its line', () => {
    const text = [
      'name: Sales',
      'inputs: { region: string }',
      'nodes:',
      '  - name: sales',
      '    node: read_sales@1.0.0',
      '    depends_on: [x]',
    ].join('\n')
    const { definition, findings } = parseWorkflow(text, 'en')
    expect(definition).toBeNull()
    expect(findings).toMatchObject([{ code: 'unknown_field', path: 'nodes[0].depends_on', line: 6, nearest: 'needs' }])
    const good = parseWorkflow(text.replace('depends_on: [x]', 'needs: x'), 'en')
    expect(good.definition).toEqual({
      name: 'Sales',
      inputs: [{ name: 'region', type: 'string', required: true }],
      nodes: [{ name: 'sales', node: 'read_sales', version: '1.0.0', needs: ['x'] }],
    })
  })

  test('may name its nodes as keys, its attempts as a number and its condition as a truth', () => {
    const { definition } = parseWorkflow({ nodes: { a: { node: 'x', retry: 3, when: true } } }, 'en')
    expect(definition?.nodes).toEqual([{ name: 'a', node: 'x', retry: { max_attempts: 3 }, when: 'true' }])
  })

  test.each<[Json, string]>([
    [[], 'not_an_object '],
    [{}, 'missing_field nodes'],
    [{ nodes: 3 }, 'wrong_type nodes'],
    [{ nodes: [{ name: 'Sales Data', node: 'x' }] }, 'bad_name nodes[0].name'],
    [{ nodes: [{ name: 'start', node: 'x' }] }, 'reserved_name nodes[0].name'],
    [{ nodes: [{ name: 'a' }] }, 'missing_field nodes[0].node'],
    [{ nodes: [{ name: 'a', node: '../x' }] }, 'bad_name nodes[0].node'],
    [{ nodes: [{ name: 'a', node: 'x', version: 'new' }] }, 'bad_version nodes[0].version'],
    [{ nodes: [{ name: 'a', node: 'x', retry: { max_attempts: 0 } }] }, 'out_of_range nodes[0].retry.max_attempts'],
    [{ nodes: [{ name: 'a', node: 'x', retry: 1.5 }] }, 'wrong_type nodes[0].retry'],
    [{ nodes: [{ name: 'a', node: 'x', timeout_seconds: 1e9 }] }, 'out_of_range nodes[0].timeout_seconds'],
    [
      {
        nodes: [
          { name: 'a', node: 'x' },
          { name: 'a', node: 'x' },
        ],
      },
      'duplicate_name nodes[1].name',
    ],
    [{ nodes: [], edges: [{ source: 'a' }] }, 'missing_field edges[0].target'],
    [{ nodes: Array.from({ length: 201 }, (_, at) => ({ name: `n${at}`, node: 'x' })) }, 'too_many nodes'],
    [{ nodes: [], outputs: { 'a b': 1 } }, 'bad_name outputs.a b'],
    ['nodes: [', 'syntax '],
    ['a: &a [x]\nb: [*b]', 'alias_unknown b[0]'],
  ])('%j is refused by its path', (given, expected) => {
    const { definition, findings } = parseWorkflow(given, 'en')
    expect(definition).toBeNull()
    expect(findings.map(({ code, path }) => `${code} ${path}`)).toContain(expected)
  })
})
