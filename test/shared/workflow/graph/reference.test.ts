import { describe, expect, test } from 'vitest'
import { parseTemplate, referenceText } from '../../../../shared/workflow/graph/reference.ts'
import { SyntaxFault } from '../../../../shared/workflow/graph/syntax.ts'
import { fill, type ValueScope } from '../../../../shared/workflow/graph/values.ts'

const scope: ValueScope = {
  inputs: JSON.parse('{"city":"上海","limit":3,"deep":{"__proto__":{"own":true}},"list":[1,{"a b":"x"}]}'),
  outputsOf: (name) => (name === 'sales' ? { rows: [{ amount: 12.5, region: '华东' }], none: null } : undefined),
  item: { id: 7 },
  index: 2,
}

function faultOf(text: string): SyntaxFault {
  try {
    parseTemplate(text)
  } catch (error) {
    if (error instanceof SyntaxFault) return error
    throw error
  }
  throw new Error(`"${text}" was read`)
}

describe('a reference', () => {
  test.each([
    ['{{ nodes.sales.outputs.rows }}', [{ amount: 12.5, region: '华东' }]],
    ['{{nodes.sales.outputs.rows[0].amount}}', 12.5],
    ['  {{ nodes.sales.outputs.rows.length }} ', 1],
    ['{{ inputs.list[1]["a b"] }}', 'x'],
    ["{{ inputs.list[1]['a b'].length }}", 1],
    ['{{ inputs.city.length }}', 2],
    ['{{ item.id }}', 7],
    ['{{ index }}', 2],
    ['{{ nodes.sales.outputs.none }}', null],
  ])('alone keeps the type of its value: %s', (text, value) => {
    expect(fill(text, scope)).toEqual(value)
  })

  test.each([
    ['{{ inputs.city }}有 {{ nodes.sales.outputs.rows.length }} 行', '上海有 1 行'],
    ['#{{ index }}: {{ item }}', '#2: {"id":7}'],
    ['\\{{ inputs.city }} stays, {{ inputs.limit }} does not', '{{ inputs.city }} stays, 3 does not'],
    ['{ not: one } }}', '{ not: one } }}'],
  ])('inside a text is written into it: %s', (text, value) => {
    expect(fill(text, scope)).toBe(value)
  })

  test('is filled in at any depth, and what it does not touch stays', () => {
    const filled = fill({ where: { city: '{{ inputs.city }}', at: [1, '{{ index }}', true, null] } }, scope)
    expect(filled).toEqual({ where: { city: '上海', at: [1, 2, true, null] } })
  })

  test('to nothing is nothing alone, null inside a list, and refused inside a text', () => {
    expect(fill('{{ nodes.skipped.outputs.rows }}', scope)).toBeUndefined()
    expect(fill(['{{ nodes.sales.outputs.rows[9] }}'], scope)).toEqual([null])
    expect(() => fill('of {{ inputs.none }}', scope)).toThrow('{{ inputs.none }} has no value here')
  })

  test.each([
    'inputs.constructor',
    'inputs.__proto__',
    'inputs.city.constructor',
    'inputs.list.constructor',
    'inputs.list["push"]',
    'inputs.deep.toString',
    'nodes.sales.outputs.hasOwnProperty',
    'item["__proto__"]["polluted"]',
  ])('sees only what a value itself has: %s', (reference) => {
    expect(fill(`{{ ${reference} }}`, scope)).toBeUndefined()
  })

  test('reads a property of its own whatever its name is, and makes no prototype of it', () => {
    expect(fill('{{ inputs.deep["__proto__"].own }}', scope)).toBe(true)
    const filled = fill(JSON.parse('{"__proto__":{"polluted":"{{ index }}"}}'), scope)
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype)
    expect(Object.hasOwn(filled as object, '__proto__')).toBe(true)
  })

  test.each([
    ['{{ node.sales.outputs.rows }}', 3, 'nodes'],
    ['{{ nodes.sales.output.rows }}', 15, 'outputs'],
    ['{{ nodes.sales }}', 15, undefined],
    ['{{ nodes.sales.outputs }}', 23, undefined],
    ['{{ inputs.list.0 }}', 15, '[0]'],
    ['{{ inputs.city', 14, undefined],
    ['{{ inputs.city }', 15, undefined],
    ['{{ }}', 3, undefined],
    ['{{ inputs.list[-1] }}', 15, undefined],
    ['{{ inputs.list[1e3] }}', 15, undefined],
    ['{{ inputs.city; process.exit() }}', 14, undefined],
    ['{{ inputs.city + 1 }}', 15, undefined],
    ['{{ index.x }}', 3, undefined],
    ["{{ inputs['city'] }}", 9, undefined],
    ['x {{ inputs["city] }}', undefined, undefined],
  ])('that the grammar does not know is refused where it goes wrong: %s', (text, start, nearest) => {
    const fault = faultOf(text)
    if (start !== undefined) expect(fault.span.start).toBe(start)
    expect(fault.nearest).toBe(nearest)
    expect(fault.text.zh).not.toBe('')
  })

  test('is written back as it was read', () => {
    const [reference] = parseTemplate('{{ nodes.a.outputs.b[3]["x y"].z }}').parts
    expect(typeof reference === 'object' && referenceText(reference)).toBe('nodes.a.outputs.b[3]["x y"].z')
  })

  test('has an end, however long the text is', () => {
    expect(() => parseTemplate(`{{ item${'.a'.repeat(100_000)} }}`)).toThrow('at most 50 parts')
    expect(parseTemplate('{ '.repeat(100_000)).whole).toBeNull()
    expect(parseTemplate('\\{{'.repeat(50_000)).parts).toHaveLength(1)
  })
})
